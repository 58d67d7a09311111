import type { Surroundings } from '@ta/cli-kit';
import type { ItemExecutor, RefreshObserver } from '@ta/pipeline';
import type { Database } from '@ta/state-store';
import type { OpenDatabase } from './database-access.ts';
import type { Interruption } from './interruption.ts';

/** Makes the queue where it is missing and this role may: the run lock is held. */
export async function prepareQueue({ database }: OpenDatabase): Promise<void> {
  const { installQueue } = await import('@ta/work-queue');
  await database.session(installQueue);
}

/** Makes the queue along with the tables; a role without the right to do so gets a warning; all else works without it. */
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

/** Has the items of a run executed by workers; what there is to say about them goes where everything goes. */
export async function distribution(
  { database }: OpenDatabase,
  observer: RefreshObserver,
  interruption: Interruption,
): Promise<ItemExecutor> {
  const { queueExecutor } = await import('@ta/work-queue');
  return queueExecutor(database, {
    tell: (notice) => observer.notice?.(notice, null),
    onCancelled: () => interruption.end('cancelled by ta queue cancel'),
  });
}
