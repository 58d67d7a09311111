import {
  CliError,
  commandOf,
  EXIT,
  flag,
  type Argv,
  type CommandModule,
  type FlagsOf,
  type Surroundings,
} from '@ta/cli-kit';
import type { QueueStatus } from '@ta/work-queue';
import { withReadableDatabase } from '../readable-database.ts';
import { tableText } from '../report/table.ts';
import { assertQueueServer } from '../server-only.ts';

const options = (yargs: Argv) =>
  yargs
    .positional(
      'action',
      flag.oneOf(
        ['status', 'pause', 'resume', 'cancel'],
        'Show the queue; pause it; resume it; cancel the run (its exit code is 130)',
        { demandOption: true },
      ),
    )
    .options({
      format: flag.oneOf(['table', 'json'], 'Output format of the status', { default: 'table' }),
      'db-url': flag.text('Database (PostgreSQL)'),
    });
type QueueFlags = FlagsOf<typeof options>;

/** `ta queue status|pause|resume|cancel`: shows and controls the queue of distributed runs. */
export function queueCommand(around: Surroundings): CommandModule {
  return commandOf({
    command: 'queue <action>',
    describe: 'Watch or control ta refresh --distribute and its workers',
    builder: options,
    handler: async (flags) => {
      await assertQueueServer(around, flags.dbUrl, 'ta queue');
      const queue = await import('@ta/work-queue');
      await withReadableDatabase(around, flags, ({ database }) =>
        database.session(async (session) => {
          if (flags.action === 'status') show(around, flags, await queue.readQueueStatus(session));
          else if (flags.action === 'pause') {
            const isNew = await queue.pauseQueue(session);
            around.print(isNew ? '[OK] Paused: ta queue resume continues it' : '[OK] The queue was paused already');
          } else if (flags.action === 'resume') {
            const wasPaused = await queue.resumeQueue(session);
            around.print(wasPaused ? '[OK] Workers take items again' : '[OK] The queue was not paused');
          } else cancelled(around, await queue.cancelRun(session));
        }),
      );
    },
  });
}

function cancelled(around: Surroundings, runId: string | null): void {
  if (runId === null) {
    throw new CliError('CLI_NO_RUN', 'No distributed run is active', { exitCode: EXIT.failed });
  }
  around.print(`[OK] Run ${runId} is being cancelled: queued items are not started, running items are rolled back`);
}

function show(around: Surroundings, { format }: QueueFlags, status: QueueStatus): void {
  if (format === 'json') {
    around.data(JSON.stringify(status, null, 2));
    return;
  }
  const { run, items, workers, isPaused, strangeRows } = status;
  const state = run?.isCancelled === true ? ', cancelled' : '';
  around.print(`Queue: ${isPaused ? 'paused' : 'open'}`);
  around.print(`Run: ${run === null ? 'none' : `${run.runId} (${run.component}${state})`}`);
  around.print(`Items: ${items.waiting} waiting, ${items.atWork} running, ${items.answered} finished`);
  if (strangeRows.length > 0) {
    around.print(
      `[WARNING] ${strangeRows.length} row(s) of the queue are not valid work items and are ignored: ${strangeRows.join(', ')}`,
    );
  }
  around.print('Workers:');
  around.print(
    tableText(
      workers.map(({ host, pid, items: held }) => ({ host, pid, items: held.join(', ') })),
      'table',
    ),
  );
}
