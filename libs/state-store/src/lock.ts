import type { DatabaseTarget } from './connect/database-url.ts';
import { StoreError } from './errors.ts';
import { lockPath, openFileLock } from './lock/file-lock.ts';
import { renewableLock } from './lock/renewable-lock.ts';
import type { LockHolder, LockSource, RunLock, RunLockRequest, TakenLock } from './lock/run-lock.ts';
import { openServerLock } from './lock/server-lock.ts';

/** Time between two attempts while waiting. */
const POLL_MS = 250;
/** Minimum time that a run waits for a holder that yields (the chart page), even with a shorter `--wait-lock`. */
const YIELD_MS = 15_000;
/**
 * Delay of the first message about waiting, and interval of further messages. Both are below 3 s, after which a user would think
 * that the program hangs.
 */
const FIRST_TOLD_MS = 1_000;
const TOLD_EVERY_MS = 2_500;

/**
 * Takes the lock that one mutating run per database holds (docs/operations.md). Take it before the database is opened: on
 * PGlite it protects the data directory itself.
 *
 * PostgreSQL: an advisory lock on a connection of its own. PGlite: a lock of the operating system on the file `ta-run.lock`
 * inside the folder, which is released when its holder ends. A database in memory needs no lock.
 *
 * @throws StoreError `STORE_BUSY` when another run holds it for longer than `waitMs` (or 15 s, if that is longer and the holder
 * yields); connection errors on PostgreSQL
 */
export async function acquireRunLock(target: DatabaseTarget, request: RunLockRequest): Promise<RunLock> {
  if (target.engine === 'pglite') {
    if (target.dir === null) return noLock();
    const { dir } = target;
    const taken = await waitFor(openFileLock(dir, 'run', request), request);
    return renewableLock(taken, () => Promise.reject(fileLost(lockPath(dir, 'run'))));
  }
  const take = async (waitMs: number) => waitFor(await openServerLock(target, request), { ...request, waitMs });
  return renewableLock(await take(request.waitMs), () =>
    take(0).catch((error: unknown) => {
      throw isOwn(error, request) ? ownConnectionLingers(error) : error;
    }),
  );
}

async function waitFor(source: LockSource, request: RunLockRequest): Promise<TakenLock> {
  const startMs = performance.now();
  let tellAfterMs = FIRST_TOLD_MS;
  for (;;) {
    const attempt = await source.attempt();
    if ('lock' in attempt) return attempt.lock;
    const isPatient = attempt.holder.yields === true && request.yields !== true;
    const waitMs = Math.max(request.waitMs, isPatient ? YIELD_MS : 0);
    const waitedMs = performance.now() - startMs;
    const leftMs = waitMs - waitedMs;
    if (waitMs > 0 && waitedMs >= tellAfterMs) {
      request.onWait?.({ who: busyText(attempt.holder), waitedMs, mostMs: waitMs });
      tellAfterMs = waitedMs + TOLD_EVERY_MS;
    }
    if (leftMs <= 0 || request.signal?.aborted === true) {
      await source.giveUp();
      throw busy(attempt.holder);
    }
    await new Promise((resolve) => setTimeout(resolve, Math.min(POLL_MS, leftMs)));
  }
}

function busyText({ runId, pid, since, foreign }: LockHolder): string {
  if (foreign !== undefined) return `The run lock is not free: ${foreign.text}`;
  const who = `run ${runId ?? 'unknown'}, pid ${pid ?? 'unknown'}, since ${since ?? 'unknown'}`;
  return `Another refresh is running (${who})`;
}

function busy(holder: LockHolder): StoreError {
  const { runId, pid, since, foreign } = holder;
  return new StoreError('STORE_BUSY', busyText(holder), {
    hint: foreign?.hint ?? 'Wait for it to end, or give --wait-lock <seconds>.',
    context: { runId, pid, since },
  });
}

function fileLost(path: string): StoreError {
  return new StoreError('STORE_BUSY', `The lock file ${path} was removed or replaced while this run was working`, {
    hint: 'Another process may have opened the folder: end it, then run the command again.',
  });
}

/** Whether the lock is still held by a broken connection of the same run. */
function isOwn(error: unknown, request: RunLockRequest): boolean {
  return error instanceof StoreError && error.code === 'STORE_BUSY' && error.context.runId === request.runId;
}

function ownConnectionLingers(cause: unknown): StoreError {
  const text = 'The server has not noticed yet that the connection holding the run lock is gone';
  return new StoreError('STORE_CONNECTION_LOST', text, { cause });
}

function noLock(): RunLock {
  return {
    warning: null,
    isHeld: () => Promise.resolve(true),
    secure: () => Promise.resolve(false),
    release: () => Promise.resolve(),
  };
}
