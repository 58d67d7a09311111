import { type Surroundings, type Argv, type CommandModule } from '@ta/cli-kit';
import type { Session } from '@ta/state-store';
import { withReadableDatabase } from '../database-access.ts';
import { knownIds } from '../known-ids.ts';
import { formatOption, tableText, type TableFormat } from '../report/table.ts';

interface GapsFlags {
  ids?: string | string[];
  list?: boolean;
  dbUrl?: string;
  format: TableFormat;
}

/** `ta gaps`: days without a daily bar. */
export function gapsCommand(around: Surroundings): CommandModule {
  return {
    command: 'gaps',
    describe: 'Show gaps in the daily bars',
    builder: (yargs: Argv) =>
      formatOption(yargs)
        .option('ids', { type: 'string', describe: 'Asset ids, e.g. 1,52,825, or all  [default: all]' })
        .option('list', {
          type: 'boolean',
          describe: 'One line per gap: last bar before, first bar after, days missing',
        })
        .option('db-url', { type: 'string', describe: 'Database' }),
    handler: async (args) => {
      const flags = args as unknown as GapsFlags;
      const rows = await withReadableDatabase(around, flags, ({ database }) =>
        database.transaction(
          async (tx) => {
            const ids = await knownIds(tx, flags.ids);
            return flags.list === true ? listGaps(tx, ids) : tx.query(COUNTS, [ids]);
          },
          { readOnly: true },
        ),
      );
      around.data(tableText(rows, flags.format));
    },
  };
}

interface Gap {
  readonly id: number;
  readonly first_day: string;
  readonly last_day: string;
}

/** Gaps with the days of trading that are missing in each. */
async function listGaps(tx: Session, ids: readonly number[] | null): Promise<Record<string, unknown>[]> {
  const { countTradingDays, EVERY_DAY, parseCivilDay } = await import('@ta/bars-core/engine');
  const { readTradingDays } = await import('@ta/state-store');
  const gaps = await tx.query<Gap>(LIST, [ids]);
  const trading = await readTradingDays(tx);
  return gaps.map(({ first_day: first, last_day: last, ...gap }) => ({
    ...gap,
    missing_days: countTradingDays(trading.get(gap.id) ?? EVERY_DAY, parseCivilDay(first), parseCivilDay(last)),
  }));
}

const COUNTS = `
  SELECT id, count(*) FILTER (WHERE is_missing_days) AS gap_count
  FROM cmc_price_bars_1d WHERE $1::int[] IS NULL OR id = ANY($1::int[])
  GROUP BY id HAVING count(*) FILTER (WHERE is_missing_days) > 0 ORDER BY id`;

/** Days in the zone the bars were built in, as they are stored. */
const LIST = `
  SELECT id, before AS last_bar_before, "timestamp" AS first_bar_after, (day_before + 1)::text AS first_day, (day - 1)::text AS last_day
  FROM (
    SELECT id, "timestamp", day, is_missing_days, lag("timestamp") OVER asset AS before, lag(day) OVER asset AS day_before
    FROM cmc_price_bars_1d WHERE $1::int[] IS NULL OR id = ANY($1::int[])
    WINDOW asset AS (PARTITION BY id ORDER BY "timestamp")
  ) g WHERE is_missing_days ORDER BY id, "timestamp"`;
