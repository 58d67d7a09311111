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
}

/** The one who holds the lock, as far as known. */
export interface LockHolder {
  readonly runId: string | null;
  readonly pid: number | null;
  /** ISO-8601 UTC. */
  readonly since: string | null;
}

/** A lock that is held until it is released or the process ends. */
export interface RunLock {
  /** Text for the operator when a dead holder's lock was taken over, or null. */
  readonly warning: string | null;
  /** Whether the lock is still held: a broken connection or a removed file loses it. */
  isHeld(): Promise<boolean>;
  /** Gives the lock back; calling it again does nothing. */
  release(): Promise<void>;
}

/** The result of one attempt: the lock, or who has it. */
export type LockAttempt = { readonly lock: RunLock } | { readonly holder: LockHolder };

/** A place where a lock can be taken, asked as often as needed. */
export interface LockSource {
  attempt(): Promise<LockAttempt>;
  /** Gives up asking. Not called once the lock was taken. */
  giveUp(): Promise<void>;
}
