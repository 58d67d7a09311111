import { setTimeout as sleep } from 'node:timers/promises';
import { StoreError, type StoreErrorCode } from '@ta/state-store';

/** Waits before work is tried again after a lost connection, milliseconds each (docs/operations.md#after-a-failure). */
export const RECONNECT_DELAYS_MS: readonly number[] = [1_000, 4_000, 10_000];

/**
 * Waits before work is tried again on a server without a free connection, milliseconds each (docs/operations.md#troubleshooting).
 */
export const FULL_SERVER_DELAYS_MS: readonly number[] = [1_000, 2_000, 4_000, 8_000, 16_000];

/** Waits before a transaction that was rolled back because of a deadlock is repeated, milliseconds each. */
const CONFLICT_DELAYS_MS: readonly number[] = [100, 500, 2_000];

/** The waits of {@link withReconnect}. */
export interface ReconnectPolicy {
  /** Replaces {@link RECONNECT_DELAYS_MS}. */
  readonly reconnectDelaysMs?: readonly number[];
  /** Replaces {@link FULL_SERVER_DELAYS_MS}. */
  readonly fullServerDelaysMs?: readonly number[];
  /** Replaces {@link CONFLICT_DELAYS_MS}. */
  readonly conflictDelaysMs?: readonly number[];
  /** Ends the wait; the current failure is thrown. */
  readonly signal?: AbortSignal;
}

/**
 * Runs work on the database, and repeats it when the connection was lost or could not be opened, when the server had no free
 * connection, or when the server rolled the work back because of a deadlock. The work must be one transaction, which leaves
 * nothing behind when it fails, or must be harmless when done twice.
 *
 * @param tell called for each failure after which another attempt follows
 * @throws the last failure after the last wait; other failures immediately
 */
export async function withReconnect<T>(
  work: () => Promise<T>,
  policy: ReconnectPolicy,
  tell?: (error: Error, delayMs: number) => void,
): Promise<T> {
  const lost = [...(policy.reconnectDelaysMs ?? RECONNECT_DELAYS_MS)];
  const full = [...(policy.fullServerDelaysMs ?? FULL_SERVER_DELAYS_MS)];
  const conflicts = [...(policy.conflictDelaysMs ?? CONFLICT_DELAYS_MS)];
  for (;;) {
    try {
      return await work();
    } catch (error) {
      const delays = isDatabaseLost(error) ? lost : isServerFull(error) ? full : isConflict(error) ? conflicts : [];
      const delayMs = delays.shift();
      if (delayMs === undefined || policy.signal?.aborted === true) throw error;
      tell?.(error as Error, delayMs);
      await sleep(delayMs, undefined, { signal: policy.signal }).catch(() => undefined);
    }
  }
}

/** Whether the database is out of reach: the connection broke, or the server does not answer (it may be starting). */
export const isDatabaseLost = hasCode('STORE_CONNECTION_LOST', 'STORE_UNREACHABLE');

/** Whether the run lock is lost for good, because another run has it. */
export const isLockLost = hasCode('STORE_BUSY');

/** Whether the server has no free connection. */
export const isServerFull = hasCode('STORE_TOO_MANY_CONNECTIONS');

/** Whether a transaction was rolled back because of a deadlock. */
export const isConflict = hasCode('STORE_CONFLICT');

function hasCode(...codes: readonly StoreErrorCode[]): (error: unknown) => boolean {
  return (error) => error instanceof StoreError && codes.includes(error.code);
}
