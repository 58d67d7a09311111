import { commandOf, flag, type Argv, type CommandModule, type Surroundings } from '@ta/cli-kit';
import type { Session } from '@ta/state-store';
import { withReadableDatabase } from '../readable-database.ts';
import { knownIds } from '../known-ids.ts';
import { formatOption, tableText } from '../report/table.ts';

const options = (yargs: Argv) =>
  formatOption(yargs).options({
    ids: flag.ids,
    list: flag.onOff('One line per gap: last bar before, first bar after, days missing'),
    'db-url': flag.text('Database URL'),
  });

/** `ta gaps`: days without a daily bar. */
export function gapsCommand(around: Surroundings): CommandModule {
  return commandOf({
    command: 'gaps',
    describe: 'Show gaps in the daily bars',
    builder: options,
    handler: async (flags) => {
      const rows = await withReadableDatabase(around, flags, ({ database }) =>
        database.transaction(
          async (tx) => {
            const ids = await knownIds(tx, flags.ids);
            return flags.list === true ? listGaps(tx, ids) : (await import('@ta/state-store/open')).countGaps(tx, ids);
          },
          { readOnly: true },
        ),
      );
      around.data(tableText(rows, flags.format));
    },
  });
}

/** Gaps with the days of trading that are missing in each. */
async function listGaps(tx: Session, ids: readonly number[] | null): Promise<Record<string, unknown>[]> {
  const { countTradingDays, EVERY_DAY, parseCivilDay } = await import('@ta/bars-core/engine');
  const { readGaps } = await import('@ta/state-store/open');
  const { readTradingDays } = await import('@ta/state-store');
  const gaps = await readGaps(tx, ids);
  const trading = await readTradingDays(tx);
  return gaps.map(({ first_day: first, last_day: last, ...gap }) => ({
    ...gap,
    missing_days: countTradingDays(trading.get(gap.id) ?? EVERY_DAY, parseCivilDay(first), parseCivilDay(last)),
  }));
}
