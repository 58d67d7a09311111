import type { Argv, CommandModule, Surroundings } from '@ta/cli-kit';
import { refreshOptions, type RefreshFlags } from '../refresh-flags.ts';

/** `ta emas`: the EMA refreshers alone. */
export function emasCommand(around: Surroundings): CommandModule {
  return {
    command: 'emas',
    describe: 'Refresh EMAs only, of ids with fresh bars',
    builder: (yargs: Argv) => refreshOptions(yargs, ['only', 'schemes', 'emaDays', 'staleness', 'emas']),
    handler: async (args) => {
      const { runRefresh } = await import('../run-refresh.ts');
      await runRefresh(around, args as unknown as RefreshFlags, {
        command: 'emas',
        title: 'EXECUTION SUMMARY',
        noun: 'refresher',
        components: ['emas'],
      });
    },
  };
}
