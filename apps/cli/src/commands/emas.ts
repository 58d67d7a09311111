import { commandOf, type Argv, type CommandModule, type Surroundings } from '@ta/cli-kit';
import { refreshOptions } from '../refresh-flags.ts';

const options = (yargs: Argv) =>
  refreshOptions(yargs, [
    'only',
    'cal-scheme',
    'anchor-scheme',
    'start',
    'end',
    'validate-output',
    'skip-stale-check',
    'staleness-hours',
    'timeout-emas',
    'fail-on-validation',
  ]);

/** `ta emas`: the EMA refreshers alone. */
export function emasCommand(around: Surroundings): CommandModule {
  return commandOf({
    command: 'emas',
    describe: 'Refresh EMAs only, for ids with fresh bars',
    builder: options,
    handler: async (flags) => {
      const { runRefresh } = await import('../run-refresh.ts');
      await runRefresh(around, flags, {
        command: 'emas',
        title: 'EXECUTION SUMMARY',
        noun: 'refresher',
        components: ['emas'],
      });
    },
  });
}
