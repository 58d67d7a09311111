import type { Session } from '@ta/state-store';
import { bossOn, ITEMS, SCHEMA } from './boss.ts';
import type { OutcomesText } from './outcome-text.ts';

/** An item that a worker took from the queue. */
export interface TakenItem {
  readonly jobId: string;
  /** How many workers had taken it before. */
  readonly retryCount: number;
}

/**
 * Makes a taken item this transaction's own. As long as the transaction lives nobody takes it over; when its connection
 * ends, in whatever way, the server lets go of the row and the item is free.
 *
 * @returns false when somebody else has taken it over, or it was withdrawn
 */
export async function lockTakenItem(tx: Session, { jobId, retryCount }: TakenItem): Promise<boolean> {
  const rows = await tx.query(
    `SELECT FROM ${SCHEMA}.job WHERE name = '${ITEMS}' AND id = $1 AND state = 'active' AND retry_count = $2 FOR UPDATE`,
    [jobId, retryCount],
  );
  return rows.length === 1;
}

/** Reports what became of an item, in the transaction of its data. False when it was no longer at work. */
export async function reportItem(tx: Session, jobId: string, text: OutcomesText): Promise<boolean> {
  const boss = await bossOn(tx);
  const { affected } = (await boss.complete(ITEMS, jobId, text)) as unknown as { affected: number };
  return affected === 1;
}

/** An item that needs no more work. */
export interface Answer {
  readonly jobId: string;
  /** Null when it was given up, after so many workers were lost with it. */
  readonly text: OutcomesText | null;
  readonly takenTimes: number;
}

/** Items of an order that were answered and not withdrawn yet. */
export async function readAnswers(session: Session, orderId: string): Promise<Answer[]> {
  return session.query<Answer>(
    `SELECT id AS "jobId", CASE WHEN state = 'completed' THEN output END AS text, retry_count + 1 AS "takenTimes"
     FROM ${SCHEMA}.job WHERE name = '${ITEMS}' AND state IN ('completed', 'failed') AND data ->> 'order' = $1`,
    [orderId],
  );
}

/** Job ids of all items of an order that are in the queue, in whatever state. */
export async function readJobIds(session: Session, orderId: string): Promise<ReadonlySet<string>> {
  const rows = await session.query<{ jobId: string }>(
    `SELECT id AS "jobId" FROM ${SCHEMA}.job WHERE name = '${ITEMS}' AND data ->> 'order' = $1`,
    [orderId],
  );
  return new Set(rows.map(({ jobId }) => jobId));
}

/** Job ids of items that nobody works on, in some states; locked until the transaction ends. */
export async function lockIdleItems(
  tx: Session,
  which: { readonly orderId: string; readonly states: readonly string[]; readonly forMs?: number },
): Promise<{ readonly jobId: string; readonly isOurs: boolean }[]> {
  const { orderId, states, forMs = 0 } = which;
  return tx.query(
    `SELECT id AS "jobId", data ->> 'order' = $1 AS "isOurs" FROM ${SCHEMA}.job
     WHERE name = '${ITEMS}' AND state::text = ANY($2::text[])
       AND coalesce(started_on, '-infinity') < now() - $3 * interval '1 millisecond'
     FOR UPDATE SKIP LOCKED`,
    [orderId, states, forMs],
  );
}

/** Removes jobs of a queue; none is fine. */
export async function removeJobs(session: Session, queue: string, jobIds: readonly string[]): Promise<void> {
  if (jobIds.length > 0) await (await bossOn(session)).deleteJob(queue, [...jobIds]);
}
