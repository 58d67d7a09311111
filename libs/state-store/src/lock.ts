import type { DatabaseTarget } from './connect/database-url.ts';
import { StoreError } from './errors.ts';
import { openFileLock } from './lock/file-lock.ts';
import type { LockHolder, LockSource, RunLock, RunLockRequest } from './lock/run-lock.ts';
import { openServerLock } from './lock/server-lock.ts';

/** Time between two attempts while waiting. */
const POLL_MS = 250;

/**
 * Takes the lock that one mutating run per database holds (operations.md 2.6). Take it before the database is opened: on
 * PGlite it protects the data directory itself.
 *
 * PostgreSQL: an advisory lock on a connection of its own. PGlite: the file `<dir>.lock`, taken over with a warning when its
 * process is gone. A database in memory needs no lock.
 *
 * @throws StoreError `STORE_BUSY` when another run holds it for longer than `waitMs`; connection errors on PostgreSQL
 */
export async function acquireRunLock(target: DatabaseTarget, request: RunLockRequest): Promise<RunLock> {
  if (target.engine === 'pglite' && target.dir === null) return noLock();
  const source =
    target.engine === 'postgres' ? await openServerLock(target, request) : openFileLock(`${target.dir}.lock`, request);
  return waitFor(source, request);
}

async function waitFor(source: LockSource, request: RunLockRequest): Promise<RunLock> {
  const deadlineMs = performance.now() + request.waitMs;
  for (;;) {
    const attempt = await source.attempt();
    if ('lock' in attempt) return attempt.lock;
    const leftMs = deadlineMs - performance.now();
    if (leftMs <= 0 || request.signal?.aborted === true) {
      await source.giveUp();
      throw busy(attempt.holder);
    }
    await new Promise((resolve) => setTimeout(resolve, Math.min(POLL_MS, leftMs)));
  }
}

function busy(holder: LockHolder): StoreError {
  const { runId, pid, since } = holder;
  const who = `run ${runId ?? 'unknown'}, pid ${pid ?? 'unknown'}, since ${since ?? 'unknown'}`;
  return new StoreError('STORE_BUSY', `Another refresh is running (${who})`, {
    hint: 'Wait for it to end, or give --wait-lock <seconds>.',
    context: { ...holder },
  });
}

function noLock(): RunLock {
  return { warning: null, isHeld: () => Promise.resolve(true), release: () => Promise.resolve() };
}
