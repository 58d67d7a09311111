import type { Argv, CommandModule, Surroundings } from '@ta/cli-kit';
import { logOptions } from '../run-log.ts';
import type { WorkerFlags } from '../run-worker.ts';

/** `ta worker`: executes items of distributed runs until it is stopped. */
export function workerCommand(around: Surroundings): CommandModule {
  return {
    command: 'worker',
    describe: 'Work on items of ta refresh --distribute, on any host; on SIGTERM it finishes them and exits',
    builder: (yargs: Argv) =>
      logOptions(yargs)
        .option('concurrency', { type: 'number', default: 4, describe: 'Items processed in parallel, 1 to 32' })
        .option('db-url', { type: 'string', describe: 'Database (PostgreSQL)' })
        .option('verbose', { type: 'boolean', describe: 'Print a line for each id and step' })
        .option('quiet', { type: 'boolean', describe: 'Print only warnings' })
        .conflicts('verbose', 'quiet')
        .example('$0 worker --concurrency 2', 'any number of workers, on any number of hosts'),
    handler: async (args) => {
      const { work } = await import('../run-worker.ts');
      await work(around, args as unknown as WorkerFlags);
    },
  };
}
