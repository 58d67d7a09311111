import { readLockedRuns, type Session } from '@ta/state-store';
import { ORDERS, PAUSES, SCHEMA } from './boss.ts';
import type { OrderText } from './order-text.ts';

/** An order that lies in the queue. */
export interface PostedOrder {
  readonly jobId: string;
  readonly runId: string;
  readonly component: string;
  readonly format: number;
  /** How long it has been there by the server's clock, milliseconds. */
  readonly ageMs: number;
  readonly isCancelled: boolean;
  /** Whether the run that wrote it still holds the run lock: the items of a dead caller are nobody's. */
  readonly isCallerAlive: boolean;
}

/** What workers must know before they take an item. */
export interface Board {
  /** Newest first. */
  readonly orders: readonly PostedOrder[];
  readonly isPaused: boolean;
}

/** Reads which orders there are, and whether the queue is paused. */
export async function readBoard(session: Session): Promise<Board> {
  const rows = await session.query<Omit<PostedOrder, 'isCallerAlive'> & { name: string }>(
    `SELECT name, id AS "jobId", data ->> 'runId' AS "runId", data -> 'order' ->> 'component' AS component,
       (data ->> 'format')::int AS format, state = 'cancelled' AS "isCancelled",
       extract(epoch FROM now() - created_on) * 1000 AS "ageMs"
     FROM ${SCHEMA}.job WHERE name IN ('${ORDERS}', '${PAUSES}') AND state IN ('created', 'cancelled')
     ORDER BY created_on DESC`,
  );
  const posted = rows.filter(({ name }) => name === ORDERS);
  const alive = posted.length === 0 ? new Set<string>() : await readLockedRuns(session);
  return {
    orders: posted.map(({ name: _, ...order }) => ({ ...order, isCallerAlive: alive.has(order.runId) })),
    isPaused: rows.some(({ name }) => name === PAUSES),
  };
}

/** The text of an order; null when it is no longer there. */
export async function readOrderText(session: Session, jobId: string): Promise<OrderText | null> {
  const rows = await session.query<{ data: OrderText }>(
    `SELECT data FROM ${SCHEMA}.job WHERE name = '${ORDERS}' AND id = $1`,
    [jobId],
  );
  return rows[0]?.data ?? null;
}

/**
 * Whether an order is still wanted: neither cancelled nor closed, its caller alive. The order stays as it is until the
 * transaction ends: a caller that closes it waits for those that have asked here.
 */
export async function isWanted(tx: Session, jobId: string, runId: string): Promise<boolean> {
  // the list of connections is read once a transaction, and this one may be older than the caller's latest connection
  await tx.query('SELECT pg_stat_clear_snapshot()::text');
  const rows = await tx.query(
    `SELECT FROM ${SCHEMA}.job WHERE name = '${ORDERS}' AND id = $1 AND state = 'created' FOR SHARE`,
    [jobId],
  );
  return rows.length === 1 && (await readLockedRuns(tx)).has(runId);
}
