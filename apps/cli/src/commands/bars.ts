import type { Argv, CommandModule, Surroundings } from '@ta/cli-kit';
import { refreshOptions, type RefreshFlags } from '../refresh-flags.ts';

/** `ta bars`: the bar builders alone. */
export function barsCommand(around: Surroundings): CommandModule {
  return {
    command: 'bars',
    describe: 'Build bars only',
    builder: (yargs: Argv) => refreshOptions(yargs, ['builders', 'skip', 'bars']),
    handler: async (args) => {
      const { runRefresh } = await import('../run-refresh.ts');
      await runRefresh(around, args as unknown as RefreshFlags, {
        command: 'bars',
        title: 'EXECUTION SUMMARY',
        noun: 'builder',
        components: ['bars'],
      });
    },
  };
}
