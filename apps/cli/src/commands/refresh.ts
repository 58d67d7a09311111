import { CliError, type Surroundings, type Argv, type CommandModule } from '@ta/cli-kit';
import type { Component } from '@ta/pipeline';
import { refreshOptions, type RefreshFlags } from '../refresh-flags.ts';

interface Targets {
  all?: boolean;
  bars?: boolean;
  emas?: boolean;
}

/** `ta refresh`: bars, then EMAs. */
export function refreshCommand(around: Surroundings): CommandModule {
  return {
    command: 'refresh',
    describe: 'Refresh bars, then EMAs: the daily job',
    builder: (yargs: Argv) =>
      refreshOptions(yargs, ['builders', 'only', 'skip', 'staleness', 'bars', 'emas'])
        .option('all', { type: 'boolean', describe: 'Bars, then EMAs' })
        .option('bars', { type: 'boolean', describe: 'Bars only' })
        .option('emas', { type: 'boolean', describe: 'EMAs only, of ids with fresh bars' })
        .option('validate', {
          type: 'boolean',
          default: false,
          describe: 'Then check what is stored (validator, fast profile)',
        })
        .example('$0 refresh --all --verbose', 'everything, for every active asset')
        .example('$0 refresh --all --full-rebuild --ids 825', 'one asset from its first day'),
    handler: async (args) => {
      const flags = args as unknown as RefreshFlags & Targets;
      const { runRefresh } = await import('../run-refresh.ts');
      await runRefresh(around, flags, {
        command: 'refresh',
        title: 'DAILY REFRESH SUMMARY',
        noun: 'component',
        components: targets(flags, around),
      });
    },
  };
}

function targets(flags: RefreshFlags & Targets, around: Surroundings): Component[] {
  if (flags.all === true) {
    if (flags.bars === true || flags.emas === true)
      around.warn('[WARNING] redundant target flag: --all runs everything');
    return ['bars', 'emas'];
  }
  const components: Component[] = [];
  if (flags.bars === true) components.push('bars');
  if (flags.emas === true) components.push('emas');
  // a resumed run brings its own components
  if (components.length > 0 || flags.resume !== undefined) return components;
  throw new CliError('CLI_NO_TARGET', 'Must specify one of --bars, --emas or --all', {
    hint: 'The daily job is: ta refresh --all',
  });
}
