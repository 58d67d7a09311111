import { randomUUID } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import { toStoreError } from '../errors.ts';
import { isProcessAlive, processMark } from './process-mark.ts';
import type { LockAttempt, LockHolder, LockSource, RunLockRequest, TakenLock } from './run-lock.ts';

/** Which process a file belongs to. */
interface Owner {
  readonly pid: number;
  /** Tells the process from a later one with the same number; null where the system does not say. */
  readonly mark: string | null;
  readonly host: string;
}

/** What the lock file holds, as JSON. */
interface LockFile extends Owner {
  readonly token: string;
  readonly runId: string;
  readonly command: string;
  readonly since: string;
}

/**
 * A file that does not tell whose it is belongs to a process that died once it has this age: it is complete within
 * milliseconds. Files that tell are judged by their process alone, whatever the clock says.
 */
const UNTOLD_LIMIT_MS = 10_000;

/**
 * The lock file of an embedded database. It appears with its content at once (a hard link), so nobody reads half of it; a
 * file whose process is gone on this host is removed under a second file, so that two processes finding it do not remove
 * each other's.
 */
export function openFileLock(path: string, request: RunLockRequest): LockSource {
  return {
    async attempt() {
      try {
        return attempt(path, request);
      } catch (error) {
        throw toStoreError(error);
      }
    },
    giveUp: () => Promise.resolve(),
  };
}

function attempt(path: string, request: RunLockRequest): LockAttempt {
  mkdirSync(dirname(path), { recursive: true });
  const own: LockFile = {
    token: randomUUID(),
    runId: request.runId,
    command: request.command,
    ...ownMark(),
    since: new Date(request.nowMs).toISOString(),
  };
  if (place(path, own)) return { lock: fileLock(path, own.token, null) };
  const found = read(path);
  if (found !== 'absent' && !isStale(found, path)) return { holder: holderOf(found) };
  if (found === 'absent' || removeStale(path)) {
    if (place(path, own)) return { lock: fileLock(path, own.token, found === 'absent' ? null : takenOver(found)) };
  }
  const winner = read(path);
  return { holder: winner === 'absent' ? { runId: null, pid: null, since: null } : holderOf(winner) };
}

/** Puts the file there, complete, unless there is one. */
function place(path: string, content: LockFile): boolean {
  const draft = `${path}.${content.token}`;
  writeFileSync(draft, `${JSON.stringify(content, null, 2)}\n`, { flag: 'wx' });
  try {
    linkSync(draft, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}

/** The holder; null when the file is not of our making. */
function read<File extends Owner = LockFile>(path: string): File | null | 'absent' {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 'absent';
    throw error;
  }
  try {
    const content = JSON.parse(text) as File;
    return typeof content.pid === 'number' && typeof content.host === 'string' ? content : null;
  } catch {
    return null;
  }
}

/** Gone for sure: its process does not run on this host any more. Of another host nothing can be said. */
function isStale(found: Owner | null, path: string): boolean {
  if (found === null) {
    const writtenMs = statSync(path, { throwIfNoEntry: false })?.mtimeMs;
    return writtenMs !== undefined && Date.now() - writtenMs > UNTOLD_LIMIT_MS;
  }
  if (found.host !== hostname()) return false;
  if (!isProcessAlive(found.pid)) return true;
  const mark = processMark(found.pid);
  return found.mark !== null && mark !== null && mark !== found.mark;
}

/** Removes the file if it is still stale, alone. */
function removeStale(path: string): boolean {
  const guard = `${path}.takeover`;
  const other = read<Owner>(guard);
  if (other !== 'absent' && isStale(other, guard)) rmSync(guard, { force: true });
  try {
    writeFileSync(guard, JSON.stringify(ownMark()), { flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
  try {
    const found = read(path);
    if (found !== 'absent' && !isStale(found, path)) return false;
    rmSync(path, { force: true });
    return true;
  } finally {
    rmSync(guard, { force: true });
  }
}

function ownMark(): Owner {
  return { pid: process.pid, mark: processMark(process.pid), host: hostname() };
}

function fileLock(path: string, token: string, warning: string | null): TakenLock {
  const isOwn = () => {
    const found = read(path);
    return found !== 'absent' && found?.token === token;
  };
  return {
    warning,
    isHeld: () => Promise.resolve(isOwn()),
    release() {
      if (isOwn()) rmSync(path, { force: true });
      return Promise.resolve();
    },
  };
}

function holderOf(found: LockFile | null): LockHolder {
  return { runId: found?.runId ?? null, pid: found?.pid ?? null, since: found?.since ?? null };
}

function takenOver(found: LockFile | null): string {
  const who = found === null ? 'an unreadable lock file' : `run ${found.runId}, pid ${found.pid}, since ${found.since}`;
  return `Took over the lock of a run that is gone (${who})`;
}
