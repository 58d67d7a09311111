import { commandOf, type Argv, type CommandModule, type Surroundings } from '@ta/cli-kit';
import { refreshOptions } from '../refresh-flags.ts';

const options = (yargs: Argv) =>
  refreshOptions(yargs, ['builders', 'skip', 'timeout-bars', 'fail-on-rejects', 'deep-check']);

/** `ta bars`: the bar builders alone. */
export function barsCommand(around: Surroundings): CommandModule {
  return commandOf({
    command: 'bars',
    describe: 'Build bars only',
    builder: options,
    handler: async (flags) => {
      const { runRefresh } = await import('../run-refresh.ts');
      await runRefresh(around, flags, {
        command: 'bars',
        title: 'EXECUTION SUMMARY',
        noun: 'builder',
        components: ['bars'],
      });
    },
  });
}
