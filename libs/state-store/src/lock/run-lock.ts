/** One of `count` parts of all ids: those whose id leaves the remainder `index` when divided by `count`. */
export interface Shard {
  readonly index: number;
  readonly count: number;
}

/** Who wants the lock, and how long to wait for it. */
export interface RunLockRequest {
  readonly runId: string;
  readonly command: string;
  /** How long to wait for another holder, milliseconds; 0 asks once. */
  readonly waitMs: number;
  /** When the run started, epoch ms: shown to whoever finds the lock taken. */
  readonly nowMs: number;
  /** Ends the waiting. */
  readonly signal?: AbortSignal;
  /** The run works on this part of the ids only: it leaves room for runs of the other parts (PostgreSQL). */
  readonly shard?: Shard;
  /** Gives the lock back as soon as somebody else waits for it, and does not stand in their way (PGlite). */
  readonly yields?: boolean;
}

/** The one who holds the lock, as far as known. */
export interface LockHolder {
  readonly runId: string | null;
  readonly pid: number | null;
  /** ISO-8601 UTC. */
  readonly since: string | null;
  /** Who it is, and what to do about it, when it is no run of this program (PostgreSQL). */
  readonly foreign?: { readonly text: string; readonly hint: string };
  /** It gives the lock back soon after somebody waits for it. */
  readonly yields?: boolean;
}

/** A lock as it was taken: once lost it stays lost. */
export interface TakenLock {
  /** Text for the operator when a dead holder's lock was taken over, or null. */
  readonly warning: string | null;
  /** Whether the lock is still held: a broken connection or a removed file loses it. */
  isHeld(): Promise<boolean>;
  /** Gives the lock back; calling it again does nothing. */
  release(): Promise<void>;
}

/** A lock that is held until it is released or the process ends. */
export interface RunLock extends TakenLock {
  /**
   * Makes sure that the lock is held. Ask before each piece of work and before it is committed: a run that lost its lock must
   * not go on writing. On PostgreSQL a lock that went with its connection is taken again. On PGlite a missing file is the
   * end: another process may have opened the folder meanwhile.
   *
   * @returns true when the lock had been lost and was taken again
   * @throws StoreError `STORE_BUSY` when it cannot be had any more; `STORE_CONNECTION_LOST` and the like when the
   * server does not answer: ask again later
   */
  secure(): Promise<boolean>;
}

/** The result of one attempt: the lock, or who has it. */
export type LockAttempt = { readonly lock: TakenLock } | { readonly holder: LockHolder };

/** A place where a lock can be taken, asked as often as needed. */
export interface LockSource {
  attempt(): Promise<LockAttempt>;
  /** Gives up asking. Not called once the lock was taken. */
  giveUp(): Promise<void>;
}
