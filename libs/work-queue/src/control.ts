import type { Session } from '@ta/state-store';
import { readBoard, type PostedRequest } from './board.ts';
import { assertQueue, bossOn, ITEMS, REQUESTS, PAUSES, SCHEMA } from './boss.ts';
import { readWorkers, type PresentWorker } from './worker-presence.ts';

/** The state of the queue. */
export interface QueueStatus {
  readonly isPaused: boolean;
  /** The distributed run, or null when there is none. */
  readonly run: PostedRequest | null;
  /** Items that wait, items that workers have taken, items that were answered and not yet collected. */
  readonly items: { readonly waiting: number; readonly atWork: number; readonly answered: number };
  readonly workers: readonly PresentWorker[];
  /** Job ids of rows among the requests that are not requests: written by hand or by another program. They are ignored. */
  readonly strangeRows: readonly string[];
}

/** @throws QueueError `QUEUE_NOT_INSTALLED`, `QUEUE_SCHEMA` */
export async function readQueueStatus(session: Session): Promise<QueueStatus> {
  await assertQueue(session);
  const { requests, isPaused, strangeRows } = await readBoard(session);
  const [items] = await session.query<QueueStatus['items']>(
    `SELECT count(*) FILTER (WHERE state < 'active') AS waiting, count(*) FILTER (WHERE state = 'active') AS "atWork",
       count(*) FILTER (WHERE state > 'active') AS answered FROM ${SCHEMA}.job WHERE name = '${ITEMS}'`,
  );
  return {
    isPaused,
    run: requests.find(({ isCallerAlive }) => isCallerAlive) ?? null,
    items: items as QueueStatus['items'],
    workers: await readWorkers(session),
    strangeRows,
  };
}

/**
 * Stops workers from taking items; they finish those that they have. Lasts until {@link resumeQueue}, also for later runs.
 *
 * @returns false when the queue was paused already
 */
export async function pauseQueue(session: Session): Promise<boolean> {
  await assertQueue(session);
  if ((await readBoard(session)).isPaused) return false;
  await (await bossOn(session)).insert([{ name: PAUSES, keepUntil: '9999-01-01T00:00:00Z' }]);
  return true;
}

/** @returns false when the queue was not paused */
export async function resumeQueue(session: Session): Promise<boolean> {
  await assertQueue(session);
  const { isPaused } = await readBoard(session);
  await (await bossOn(session)).purgeQueue(PAUSES);
  return isPaused;
}

/**
 * Ends the distributed run: queued items are not started, running ones are rolled back.
 *
 * @returns id of the run, or null when none is running
 */
export async function cancelRun(session: Session): Promise<string | null> {
  await assertQueue(session);
  const request = (await readBoard(session)).requests.find(
    ({ isCallerAlive, isCancelled }) => isCallerAlive && !isCancelled,
  );
  if (request === undefined) return null;
  await (await bossOn(session)).cancel(REQUESTS, request.jobId);
  return request.runId;
}
