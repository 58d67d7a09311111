import { readLockedRuns, type Session } from '@ta/state-store';
import { ORDERS, PAUSES, SCHEMA } from './boss.ts';

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
  /** Job ids of rows among the orders that are none, written by hand or by who knows what. They are left alone. */
  readonly strangeRows: readonly string[];
}

/** Reads which orders there are, and whether the queue is paused. */
export async function readBoard(session: Session): Promise<Board> {
  const rows = await session.query<BoardRow>(
    `SELECT name, id AS "jobId", data ->> 'runId' AS "runId", data -> 'order' ->> 'component' AS component,
       data ->> 'format' AS format, state = 'cancelled' AS "isCancelled",
       extract(epoch FROM now() - created_on) * 1000 AS "ageMs"
     FROM ${SCHEMA}.job WHERE name IN ('${ORDERS}', '${PAUSES}') AND state IN ('created', 'cancelled')
     ORDER BY created_on DESC`,
  );
  const posted = rows.filter(({ name }) => name === ORDERS);
  const alive = posted.length === 0 ? new Set<string>() : await readLockedRuns(session);
  const orders = posted.flatMap((row) => orderOfRow(row, alive));
  const known = new Set(orders.map(({ jobId }) => jobId));
  return {
    orders,
    isPaused: rows.some(({ name }) => name === PAUSES),
    strangeRows: posted.map(({ jobId }) => jobId).filter((jobId) => !known.has(jobId)),
  };
}

/** A row as it lies there: anybody may have written it. */
interface BoardRow extends Pick<PostedOrder, 'jobId' | 'ageMs' | 'isCancelled'> {
  readonly name: string;
  readonly runId: string | null;
  readonly component: string | null;
  readonly format: string | null;
}

/** The order in a row; a format that this version does not know is one, too. */
function orderOfRow({ jobId, runId, component, format, ageMs, isCancelled }: BoardRow, alive: ReadonlySet<string>) {
  if (runId === null || format === null || !/^[0-9]{1,6}$/.test(format)) return [];
  const order: PostedOrder = {
    ...{ jobId, runId, component: component ?? '?', format: Number(format), ageMs, isCancelled },
    isCallerAlive: alive.has(runId),
  };
  return [order];
}

/** The text of an order, readable or not; undefined when it is no longer there. */
export async function readOrderData(session: Session, jobId: string): Promise<unknown> {
  const rows = await session.query<{ data: unknown }>(
    `SELECT data FROM ${SCHEMA}.job WHERE name = '${ORDERS}' AND id = $1`,
    [jobId],
  );
  return rows[0]?.data;
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
