import { StoreError } from '../errors.ts';
import { openFileLock } from '../lock/file-lock.ts';
import type { TakenLock } from '../lock/run-lock.ts';

/** Keeps other processes from opening a data folder until it is released or this process ends. */
export type FolderGuard = Pick<TakenLock, 'release'>;

/**
 * Locks the file `ta-open.lock` in the folder for as long as the folder is open. This is not the run lock, which limits a
 * database to one writing run: this lock makes sure that only one process has the files open.
 * @throws StoreError `STORE_BUSY` when another database, here or in another process, has the folder open
 */
export async function guardFolder(dir: string): Promise<FolderGuard> {
  const request = { runId: 'open', command: 'open', waitMs: 0, nowMs: Date.now() };
  const source = openFileLock(dir, 'open', request);
  const attempt = await source.attempt();
  if ('lock' in attempt) return attempt.lock;
  await source.giveUp();
  const { pid, since } = attempt.holder;
  throw new StoreError('STORE_BUSY', `the folder is open in process ${pid ?? 'unknown'} since ${since ?? 'unknown'}`, {
    hint: 'Wait until that process has ended; an embedded database serves one process at a time.',
    context: { pid, since },
  });
}
