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
 * Locks a taken item for this transaction. While the transaction lasts no other worker takes the item over; when its connection
 * ends, in whatever way, the server unlocks the row and the item is free.
 *
 * @returns false when another worker has taken the item over, or it was withdrawn
 */
export async function lockTakenItem(tx: Session, { jobId, retryCount }: TakenItem): Promise<boolean> {
  const rows = await tx.query(
    `SELECT FROM ${SCHEMA}.job WHERE name = '${ITEMS}' AND id = $1 AND state = 'active' AND retry_count = $2 FOR UPDATE`,
    [jobId, retryCount],
  );
  return rows.length === 1;
}

/** Reports the outcome of an item, in the transaction of its data. Returns false when the item was no longer active. */
export async function reportItem(tx: Session, jobId: string, text: OutcomesText): Promise<boolean> {
  const boss = await bossOn(tx);
  const { affected } = (await boss.complete(ITEMS, jobId, text)) as unknown as { affected: number };
  return affected === 1;
}

/** Gives a taken item back for another worker to try; the caller reads why. */
export async function giveBack(tx: Session, jobId: string, why: GivenBack): Promise<void> {
  await (await bossOn(tx)).fail(ITEMS, jobId, why);
}

/** Why an item was given back. */
export interface GivenBack {
  readonly worker: string;
  readonly reason: 'server_full';
  readonly message: string;
  /** How often the item had been taken before; this distinguishes two notes about one item. */
  readonly times: number;
}

/** A {@link GivenBack} as read from the queue. */
export interface NoteOfItem extends Omit<GivenBack, 'times'> {
  readonly jobId: string;
  readonly times: string | null;
}

/** Items of a request that workers gave back and that are not answered yet. */
export async function readGivenBack(session: Session, requestId: string): Promise<NoteOfItem[]> {
  return session.query(
    `SELECT id AS "jobId", output ->> 'worker' AS worker, output ->> 'reason' AS reason, output ->> 'message' AS message,
       output ->> 'times' AS times
     FROM ${SCHEMA}.job WHERE name = '${ITEMS}' AND state IN ('retry', 'active') AND data ->> 'order' = $1
       AND output ->> 'reason' = 'server_full'`,
    [requestId],
  );
}

/** An item that needs no more work. */
export interface Answer {
  readonly jobId: string;
  /** False when the item was given up after as many failed attempts as are allowed. */
  readonly isReported: boolean;
  /** What was reported, or why the item was given up; not yet checked. */
  readonly output: unknown;
  readonly takenTimes: number;
}

/** Items of a request that were answered and not withdrawn yet. */
export async function readAnswers(session: Session, requestId: string): Promise<Answer[]> {
  return session.query<Answer>(
    `SELECT id AS "jobId", state = 'completed' AS "isReported", output, retry_count + 1 AS "takenTimes"
     FROM ${SCHEMA}.job WHERE name = '${ITEMS}' AND state IN ('completed', 'failed') AND data ->> 'order' = $1`,
    [requestId],
  );
}

/** Job ids of all items of a request that are in the queue, in whatever state. */
export async function readJobIds(session: Session, requestId: string): Promise<ReadonlySet<string>> {
  const rows = await session.query<{ jobId: string }>(
    `SELECT id AS "jobId" FROM ${SCHEMA}.job WHERE name = '${ITEMS}' AND data ->> 'order' = $1`,
    [requestId],
  );
  return new Set(rows.map(({ jobId }) => jobId));
}

/** Locks the items in some states that no worker has locked, until the transaction ends; `isKnown` is false for foreign rows. */
export async function lockIdleItems(
  tx: Session,
  which: { readonly requestId: string; readonly states: readonly string[]; readonly forMs?: number },
): Promise<{ readonly jobId: string; readonly isOurs: boolean; readonly isKnown: boolean }[]> {
  const { requestId, states, forMs = 0 } = which;
  return tx.query(
    `SELECT id AS "jobId", data ->> 'order' IS NOT DISTINCT FROM $1 AS "isOurs",
       data ->> 'order' IS NOT NULL AND data ->> 'id' IS NOT NULL AS "isKnown" FROM ${SCHEMA}.job
     WHERE name = '${ITEMS}' AND state::text = ANY($2::text[])
       AND coalesce(started_on, '-infinity') < now() - $3 * interval '1 millisecond'
     FOR UPDATE SKIP LOCKED`,
    [requestId, states, forMs],
  );
}

/** Removes jobs of a queue; the list may be empty. */
export async function removeJobs(session: Session, queue: string, jobIds: readonly string[]): Promise<void> {
  if (jobIds.length > 0) await (await bossOn(session)).deleteJob(queue, [...jobIds]);
}
