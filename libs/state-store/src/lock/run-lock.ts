/** One of `count` parts of all ids: those where id mod `count` = `index`. */
export interface Shard {
  readonly index: number;
  readonly count: number;
}

/** The run that requests the lock, and how long it waits. */
export interface RunLockRequest {
  readonly runId: string;
  readonly command: string;
  /**
   * How long to wait for another holder, milliseconds; 0 for a single attempt. For a holder that yields the run waits at least 15
   * s in any case.
   */
  readonly waitMs: number;
  /** Called with the holder after a second of waiting, and then every 2.5 s. */
  readonly onWait?: (wait: LockWait) => void;
  /** Start of the run, epoch ms; shown to other processes that find the lock taken. */
  readonly nowMs: number;
  /** Stops waiting. */
  readonly signal?: AbortSignal;
  /** The run works only on this part of the ids, so that runs of the other parts may run at the same time (PostgreSQL). */
  readonly shard?: Shard;
  /** Whether the lock is released as soon as another process waits for it (PGlite). */
  readonly yields?: boolean;
}

/** The holder of the lock, as far as known. */
export interface LockHolder {
  readonly runId: string | null;
  readonly pid: number | null;
  /** ISO-8601 UTC. */
  readonly since: string | null;
  /** Description of a holder that is not a run of this program, and what to do about it (PostgreSQL). */
  readonly foreign?: { readonly text: string; readonly hint: string };
  /** Whether the holder releases the lock as soon as another process waits for it. */
  readonly yields?: boolean;
}

/** Progress of waiting for a lock. */
export interface LockWait {
  /** Description of the holder, as a sentence without a full stop. */
  readonly who: string;
  readonly waitedMs: number;
  /** The longest time that the caller will wait. */
  readonly mostMs: number;
}

/** A lock that was taken; when it is lost, it stays lost. */
export interface TakenLock {
  /** A warning for the operator when the lock was taken over from a dead holder; else null. */
  readonly warning: string | null;
  /** Whether the lock is still held; it is lost with a broken connection or a removed file. */
  isHeld(): Promise<boolean>;
  /** Releases the lock; calling it again does nothing. */
  release(): Promise<void>;
}

/** A lock that is held until it is released or the process ends. */
export interface RunLock extends TakenLock {
  /**
   * Makes sure that the lock is held. Call it before each piece of work and before its commit: a run that lost its lock must
   * stop writing. On PostgreSQL a lock that was lost with its connection is taken again. On PGlite a missing file is
   * final, because another process may have opened the folder in the meantime.
   *
   * @returns true when the lock had been lost and was taken again
   * @throws StoreError `STORE_BUSY` when it cannot be taken again; `STORE_CONNECTION_LOST` and similar codes when the
   * server does not answer (try again later)
   */
  secure(): Promise<boolean>;
}

/** The result of one attempt: the lock, or its holder. */
export type LockAttempt = { readonly lock: TakenLock } | { readonly holder: LockHolder };

/** A lock that can be attempted as often as needed. */
export interface LockSource {
  attempt(): Promise<LockAttempt>;
  /** Gives up. Not called after the lock was taken. */
  giveUp(): Promise<void>;
}
