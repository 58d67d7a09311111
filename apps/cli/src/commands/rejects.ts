import { CliError, commandOf, flag, type Argv, type CommandModule, type FlagsOf, type Surroundings } from '@ta/cli-kit';
import type { Session } from '@ta/state-store/open';
import { withReadableDatabase } from '../readable-database.ts';
import { knownIds } from '../known-ids.ts';
import { formatOption, tableText } from '../report/table.ts';

const options = (yargs: Argv) =>
  formatOption(yargs).options({
    ids: flag.ids,
    bars: flag.onOff('Rejected source rows and clamped bars, counted per id, table and reason  [default]'),
    emas: flag.onOff('EMAs out of bounds, counted per id, highest count first'),
    by: flag.oneOf(['type', 'tf', 'period'], '--emas: also count by kind of fault, timeframe or period'),
    list: flag.onOff('List every reject with its instant and values'),
    'db-url': flag.text('Database URL'),
  });
type RejectsFlags = FlagsOf<typeof options>;

/** `ta rejects --bars|--emas`: what was refused or out of bounds, and why. */
export function rejectsCommand(around: Surroundings): CommandModule {
  return commandOf({
    command: 'rejects',
    describe: 'Show rejected source rows, clamped bars, and EMAs out of bounds',
    builder: options,
    handler: async (flags) => {
      if (flags.bars === true && flags.emas === true) {
        throw new CliError('CLI_CONFLICT', '--bars and --emas exclude each other', { hint: 'Run ta rejects twice.' });
      }
      if (flags.by !== undefined && flags.emas !== true) {
        throw new CliError('CLI_CONFLICT', '--by needs --emas', { hint: 'Example: ta rejects --emas --by tf' });
      }
      const rows = await withReadableDatabase(around, flags, ({ database }) =>
        database.transaction(async (tx) => readRejects(flags, tx, await knownIds(tx, flags.ids)), { readOnly: true }),
      );
      around.data(tableText(rows, flags.format));
    },
  });
}

async function readRejects({ emas, by, list }: RejectsFlags, tx: Session, ids: readonly number[] | null) {
  const store = await import('@ta/state-store/open');
  if (emas === true) return list === true ? store.readEmaRejects(tx, ids) : store.countEmaRejects(tx, ids, by);
  return list === true ? store.readBarRejects(tx, ids) : store.countBarRejects(tx, ids);
}
