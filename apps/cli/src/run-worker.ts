import { assertWhole, beforeWork, type Surroundings } from '@ta/cli-kit';
import type { RefreshObserver } from '@ta/pipeline';
import { withCommandLog } from './command-log.ts';
import { consoleObserver } from './console-observer.ts';
import { listenForDrain } from './interruption.ts';
import { rotateLogs, type LogFlags } from './run-log.ts';
import { assertQueueServer } from './server-only.ts';

/** Flags of `ta worker`. */
export interface WorkerFlags extends LogFlags {
  readonly concurrency: number;
  readonly dbUrl?: string;
  readonly verbose?: boolean;
  readonly quiet?: boolean;
}

/** Works on the items of distributed runs until the first SIGINT or SIGTERM. */
export async function work(surroundings: Surroundings, flags: WorkerFlags): Promise<void> {
  const { concurrency, dbUrl } = flags;
  assertWhole('concurrency', concurrency, 1, 32);
  const target = await assertQueueServer(surroundings, dbUrl, 'ta worker');
  const place = { ...flags, isDaily: true };
  rotateLogs(surroundings, flags);
  await withCommandLog(surroundings, place, 'worker', { concurrency }, async ({ around }) => {
    const store = await import('@ta/state-store');
    const queue = await import('@ta/work-queue');
    const name = { host: around.host, pid: around.pid };
    around.warn(`Database: ${store.describeTarget(target)}`);
    const options = { poolSize: concurrency + 1, applicationName: queue.connectionName(name) };
    const database = await store.openDatabase(target, options);
    const drain = listenForDrain(around.warn);
    const tally = openTally();
    try {
      await store.assertSchema(database);
      await beforeWork(database.session(queue.assertMayWork));
      if (flags.quiet !== true)
        around.print(`[OK] Worker ready: ${name.host} ${name.pid}, ${concurrency} items in parallel`);
      const { monotonic: monotonicMs, redact } = around;
      // lines of --verbose are for the console, as those of a refresh are: the log would have them with their colours
      const shown = await consoleObserver({ ...around, print: surroundings.print }, flags, false);
      const identity = { ...{ name, concurrency, monotonicMs, redact }, drain: drain.signal };
      const observer: RefreshObserver = {
        itemFinished: (outcome) => (tally.add(outcome), shown.itemFinished?.(outcome)),
        notice: (notice, ids) => shown.notice?.(notice, ids),
      };
      // a worker may wait for days
      await around.during(null, () => queue.runWorker(database, identity, observer));
      around.print(`[OK] Worker ended: ${tally.text()}`);
    } finally {
      drain.dispose();
      await database.close();
    }
  });
}

/** Counts the steps that a worker finished. */
function openTally(): { add: NonNullable<RefreshObserver['itemFinished']>; text(): string } {
  let [steps, failed] = [0, 0];
  return {
    add({ status }) {
      steps++;
      if (status === 'failed') failed++;
    },
    text: () => `${steps} step(s) finished, ${failed} of them failed`,
  };
}
