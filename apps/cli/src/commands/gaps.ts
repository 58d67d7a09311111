import { parseIds, type Surroundings, type Argv, type CommandModule } from '@ta/cli-kit';
import { withReadableDatabase } from '../database-access.ts';
import { listOf } from '../refresh-flags.ts';
import { formatOption, tableText, type TableFormat } from '../report/table.ts';

interface GapsFlags {
  ids?: string | string[];
  list?: boolean;
  dbUrl?: string;
  format: TableFormat;
}

/** `ta gaps`: days without a daily bar (operations.md 7). */
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
      const selection = parseIds(listOf(flags.ids));
      const ids = selection.kind === 'all' ? null : [...selection.ids];
      const rows = await withReadableDatabase(around, flags, ({ database }) =>
        database.transaction((tx) => tx.query(flags.list === true ? LIST : COUNTS, [ids]), { readOnly: true }),
      );
      around.data(tableText(rows, flags.format));
    },
  };
}

const COUNTS = `
  SELECT id, count(*) FILTER (WHERE is_missing_days) AS gap_count
  FROM cmc_price_bars_1d WHERE $1::int[] IS NULL OR id = ANY($1::int[])
  GROUP BY id HAVING count(*) FILTER (WHERE is_missing_days) > 0 ORDER BY id`;

/** Days in the zone the bars were built in, as they are stored. */
const LIST = `
  SELECT id, before AS last_bar_before, "timestamp" AS first_bar_after, day - day_before - 1 AS missing_days
  FROM (
    SELECT id, "timestamp", day, is_missing_days, lag("timestamp") OVER asset AS before, lag(day) OVER asset AS day_before
    FROM cmc_price_bars_1d WHERE $1::int[] IS NULL OR id = ANY($1::int[])
    WINDOW asset AS (PARTITION BY id ORDER BY "timestamp")
  ) g WHERE is_missing_days ORDER BY id, "timestamp"`;
