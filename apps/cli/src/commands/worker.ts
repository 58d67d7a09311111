import { commandOf, flag, type Argv, type CommandModule, type Surroundings } from '@ta/cli-kit';
import { logOptions } from '../run-log.ts';

const options = (yargs: Argv) =>
  logOptions(yargs)
    .options({
      concurrency: flag.number('Items processed in parallel, 1 to 32', { default: 4 }),
      'db-url': flag.text('Database (PostgreSQL)'),
      verbose: flag.onOff('Print a line for each id and step'),
      quiet: flag.onOff('Print only warnings'),
    })
    .conflicts('verbose', 'quiet')
    .example('$0 worker --concurrency 2', 'any number of workers, on any number of hosts');

/** `ta worker`: executes items of distributed runs until it is stopped. */
export function workerCommand(around: Surroundings): CommandModule {
  return commandOf({
    command: 'worker',
    describe:
      'Process the items that ta refresh --distribute queues, on any host; on SIGTERM, finish the running ones and exit',
    builder: options,
    handler: async (flags) => {
      const { work } = await import('../run-worker.ts');
      await work(around, flags);
    },
  });
}
