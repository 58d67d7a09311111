import type { Surroundings } from '@ta/cli-kit';
import type { ItemExecutor, RefreshObserver } from '@ta/pipeline';
import type { Database } from '@ta/state-store';
import type { OpenDatabase } from './writable-database.ts';
import type { Interruption } from './interruption.ts';

/** Creates the queue if it is missing and this role is allowed to; the caller holds the run lock. */
export async function prepareQueue({ database }: OpenDatabase): Promise<void> {
  const { installQueue } = await import('@ta/work-queue');
  await database.session(installQueue);
}

/** Creates the queue together with the tables. A role that may not do so gets a warning, since everything else works without a queue. */
export async function offerQueue(around: Surroundings, database: Database): Promise<void> {
  if (database.engine !== 'postgres') return;
  const { installQueue, QueueError } = await import('@ta/work-queue');
  try {
    await database.session(installQueue);
  } catch (error) {
    if (!(error instanceof QueueError) || error.code !== 'QUEUE_NOT_INSTALLED') throw error;
    around.warn('[WARNING] No queue for --distribute: this role may not create a schema in the database');
  }
}

/** Lets workers execute the items of a run, and reports notices about them like those of any run. */
export async function distribution(
  { database }: OpenDatabase,
  observer: RefreshObserver,
  interruption: Interruption,
): Promise<ItemExecutor> {
  const { queueExecutor } = await import('@ta/work-queue');
  return queueExecutor(database, {
    tell: (notice) => observer.notice?.(notice, []),
    onCancelled: () => interruption.end('cancelled by ta queue cancel'),
  });
}
