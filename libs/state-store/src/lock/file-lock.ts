import { ftruncateSync, readFileSync, writeSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { makePrivateFolder } from '../connect/private-folder.ts';
import { toStoreError } from '../store-failure.ts';
import { lockFile, type LockedFile } from './os-lock.ts';
import type { LockAttempt, LockHolder, LockSource, RunLockRequest, TakenLock } from './run-lock.ts';

/**
 * Locks of a data folder, each a file inside it. `run` allows one command, `open` allows one process that has the files open, and
 * `wait` is shared by all processes that wait for `run`. The files stay when the locks are released: if a file were removed, two
 * processes could lock two different files of the same name.
 */
export type FolderLock = 'run' | 'open' | 'wait';

/** The file of a lock. */
export function lockPath(dir: string, lock: FolderLock): string {
  return join(dir, `ta-${lock}.lock`);
}

/** Whether a file of a data folder is one of its locks. */
export function isLockName(name: string): boolean {
  return /^ta-(run|open|wait)\.lock$/.test(name);
}

/** The note in the file of a held lock, as JSON, for processes that find it held. It is used in messages only. */
interface HolderNote {
  readonly runId: string;
  readonly command: string;
  readonly pid: number;
  readonly host: string;
  readonly since: string;
  readonly yields: boolean;
}

/**
 * A lock of an embedded database. The operating system keeps the lock, and releases it when its process ends; the note in the
 * file is for messages only. A note in a file whose lock is free was left by a process that ended without releasing the lock.
 */
export function openFileLock(dir: string, lock: FolderLock, request: RunLockRequest): LockSource {
  let waiting: LockedFile | null = null;
  const stopWaiting = () => {
    waiting?.release();
    waiting = null;
  };
  return {
    async attempt() {
      try {
        const access = makePrivateFolder(dir);
        if (request.yields === true && (await isWanted(dir))) return { holder: UNKNOWN };
        const attempt = await attemptOnce(dir, lock, request, access.warning);
        if ('lock' in attempt) stopWaiting();
        else if (request.yields !== true) waiting ??= await announce(dir);
        return attempt;
      } catch (error) {
        stopWaiting();
        throw toStoreError(error);
      }
    },
    giveUp: () => Promise.resolve(stopWaiting()),
  };
}

/** Whether a process waits for the data folder. */
export async function isWanted(dir: string): Promise<boolean> {
  const probe = await lockFile(lockPath(dir, 'wait'), { create: false });
  if (probe === 'absent') return false;
  probe?.release();
  return probe === null;
}

/** Whether a command holds the run lock of the data folder. Does not change the folder. */
export async function isFolderInUse(dir: string): Promise<boolean> {
  const path = lockPath(dir, 'run');
  // while the lock is held its file has a note; without a note the lock is not probed, so that probing cannot disturb a process
  // that takes it
  if (readNote(path) === null) return false;
  const probe = await lockFile(path, { create: false });
  if (probe === 'absent') return false;
  probe?.release();
  return probe === null;
}

async function announce(dir: string): Promise<LockedFile | null> {
  const mark = await lockFile(lockPath(dir, 'wait'), { isShared: true });
  return mark === 'absent' ? null : mark;
}

async function attemptOnce(
  dir: string,
  lock: FolderLock,
  request: RunLockRequest,
  aside: string | null,
): Promise<LockAttempt> {
  const path = lockPath(dir, lock);
  const locked = await lockOrNote(path);
  if ('note' in locked) return { holder: holderOf(locked.note) };
  const left = readNote(path);
  try {
    writeNote(locked.fd, {
      ...{ runId: request.runId, command: request.command, pid: process.pid, host: hostname() },
      ...{ since: new Date(request.nowMs).toISOString(), yields: request.yields === true },
    });
  } catch (error) {
    locked.release();
    throw error;
  }
  const warnings = [left === null ? null : takenOver(left), aside].filter((text) => text !== null);
  return { lock: takenLock(locked, warnings.length === 0 ? null : warnings.join('\n[WARNING] ')) };
}

/** How long to wait for the note of a held lock, which is missing while the lock is being taken or released. */
const NOTELESS_MS = 1_000;

async function lockOrNote(path: string): Promise<LockedFile | { readonly note: Partial<HolderNote> | null }> {
  const deadlineMs = performance.now() + NOTELESS_MS;
  for (;;) {
    const locked = await lockFile(path);
    if (locked !== null && locked !== 'absent') return locked;
    const note = readNote(path);
    if (note !== null || performance.now() >= deadlineMs) return { note };
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function takenLock(locked: LockedFile, warning: string | null): TakenLock {
  let isReleased = false;
  return {
    warning,
    isHeld: () => Promise.resolve(!isReleased && locked.isInPlace()),
    release() {
      if (isReleased) return Promise.resolve();
      isReleased = true;
      try {
        ftruncateSync(locked.fd);
      } finally {
        locked.release();
      }
      return Promise.resolve();
    },
  };
}

function writeNote(fd: number, note: HolderNote): void {
  ftruncateSync(fd);
  writeSync(fd, `${JSON.stringify(note)}\n`, 0);
}

/** The note in the file; null when the file is empty or missing. An unreadable note gives an object without details. */
function readNote(path: string): Partial<HolderNote> | null {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
  if (text === '') return null;
  try {
    const note: unknown = JSON.parse(text);
    return typeof note === 'object' && note !== null ? note : {};
  } catch {
    return {};
  }
}

const UNKNOWN: LockHolder = { runId: null, pid: null, since: null };

function holderOf(note: Partial<HolderNote> | null): LockHolder {
  if (note === null) return UNKNOWN;
  const { runId = null, pid = null, since = null, yields = false } = note;
  return { runId, pid, since, yields };
}

function takenOver({ runId, pid, since }: Partial<HolderNote>): string {
  const who = `run ${runId ?? 'unknown'}, pid ${pid ?? 'unknown'}, since ${since ?? 'unknown'}`;
  return `Took over the lock of a run that is gone (${who})`;
}
