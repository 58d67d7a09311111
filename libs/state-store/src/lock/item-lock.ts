import type { Session } from '../connect/database.ts';
import { takeAdvisoryLock } from './advisory-wait.ts';

/** First number of the advisory key; the second is the id. */
const ITEM_LOCK_CLASS = 7_462;
/** Transactions of a refresh take seconds, so a session that holds the lock of an id for longer is not a refresh. */
const LIMIT_MS = 30_000;

/**
 * Waits until no other transaction works on the id, and blocks others until this one ends (docs/operations.md). The run lock
 * already allows only one run; this lock also protects the id when the run lock was lost with its connection and another run has
 * started.
 */
export async function lockItem(tx: Session, id: number): Promise<void> {
  if (tx.engine === 'pglite') return; // one connection, one transaction at a time
  const key = { classId: ITEM_LOCK_CLASS, objectId: id, parts: 2 } as const;
  await takeAdvisoryLock(tx, key, `id ${id}`, LIMIT_MS);
}
