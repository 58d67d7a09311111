import { CliError, commandOf, flag, type Argv, type CommandModule, type FlagsOf, type Surroundings } from '@ta/cli-kit';
import type { Component } from '@ta/pipeline';
import { refreshOptions } from '../refresh-flags.ts';

const options = (yargs: Argv) =>
  refreshOptions(yargs, [
    'builders',
    'only',
    'skip',
    'skip-stale-check',
    'staleness-hours',
    'timeout-bars',
    'fail-on-rejects',
    'deep-check',
    'timeout-emas',
    'fail-on-validation',
  ])
    .options({
      all: flag.onOff('Bars, then EMAs'),
      bars: flag.onOff('Bars only'),
      emas: flag.onOff('EMAs only, for ids with fresh bars'),
      validate: flag.off('Afterwards, check what is stored (validator, fast profile)'),
    })
    .example('$0 refresh --all --verbose', 'everything, for every active asset')
    .example('$0 refresh --all --full-rebuild --ids 825', 'one asset from its first day');

/** `ta refresh`: bars, then EMAs. */
export function refreshCommand(around: Surroundings): CommandModule {
  return commandOf({
    command: 'refresh',
    describe: 'Refresh bars, then EMAs: the daily job',
    builder: options,
    handler: async (flags) => {
      const { runRefresh } = await import('../run-refresh.ts');
      await runRefresh(around, flags, {
        command: 'refresh',
        title: 'DAILY REFRESH SUMMARY',
        noun: 'component',
        components: targets(flags, around),
      });
    },
  });
}

function targets(flags: FlagsOf<typeof options>, around: Surroundings): Component[] {
  if (flags.all === true) {
    if (flags.bars === true || flags.emas === true)
      around.warn('[WARNING] redundant target flag: --all runs everything');
    return ['bars', 'emas'];
  }
  const components: Component[] = [];
  if (flags.bars === true) components.push('bars');
  if (flags.emas === true) components.push('emas');
  // with --resume, the run to be resumed has the components
  if (components.length > 0 || flags.resume !== undefined) return components;
  throw new CliError('CLI_NO_TARGET', 'Must specify one of --bars, --emas or --all', {
    hint: 'The daily job is: ta refresh --all',
  });
}
