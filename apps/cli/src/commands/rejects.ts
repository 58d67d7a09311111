import { CliError, type Surroundings, type Argv, type CommandModule } from '@ta/cli-kit';
import { withReadableDatabase } from '../database-access.ts';
import { knownIds } from '../known-ids.ts';
import { formatOption, tableText, type TableFormat } from '../report/table.ts';

interface RejectsFlags {
  ids?: string | string[];
  bars?: boolean;
  emas?: boolean;
  by?: 'type' | 'tf' | 'period';
  list?: boolean;
  dbUrl?: string;
  format: TableFormat;
}

/** `ta rejects --bars|--emas`: what was refused or out of bounds, and why. */
export function rejectsCommand(around: Surroundings): CommandModule {
  return {
    command: 'rejects',
    describe: 'Show rejected source rows, clamped bars, and EMAs out of bounds',
    builder: (yargs: Argv) =>
      formatOption(yargs)
        .option('ids', { type: 'string', describe: 'Asset ids, e.g. 1,52,825, or all  [default: all]' })
        .option('bars', { type: 'boolean', describe: 'Rejects of bars, counted per id, table and reason  [default]' })
        .option('emas', { type: 'boolean', describe: 'Rejects of EMAs, counted per id, highest first' })
        .option('by', { choices: ['type', 'tf', 'period'] as const, describe: '--emas: also count by this' })
        .option('list', { type: 'boolean', describe: 'List every reject with its instant and values' })
        .option('db-url', { type: 'string', describe: 'Database' }),
    handler: async (args) => {
      const flags = args as unknown as RejectsFlags;
      if (flags.bars === true && flags.emas === true) {
        throw new CliError('CLI_CONFLICT', '--bars and --emas exclude each other', { hint: 'Run ta rejects twice.' });
      }
      if (flags.by !== undefined && flags.emas !== true) {
        throw new CliError('CLI_CONFLICT', '--by needs --emas', { hint: 'Example: ta rejects --emas --by tf' });
      }
      const rows = await withReadableDatabase(around, flags, ({ database }) =>
        database.transaction(async (tx) => tx.query(queryOf(flags), [await knownIds(tx, flags.ids)]), {
          readOnly: true,
        }),
      );
      around.data(tableText(rows, flags.format));
    },
  };
}

const WANTED = '($1::int[] IS NULL OR id = ANY($1::int[]))';
const BY = { type: 'violation_type', tf: 'tf', period: 'period' };

function queryOf({ emas, by, list }: RejectsFlags): string {
  if (emas !== true) return list === true ? BARS_LIST : BARS_COUNTS;
  if (list === true) {
    return `SELECT table_name AS "table", id, tf, period, "timestamp", violation_type, ema_value, source_bar_close, bounds_info
      FROM ema_rejects WHERE ${WANTED} ORDER BY id, table_name, tf, period, "timestamp", violation_type`;
  }
  const column = by === undefined ? '' : `, ${BY[by]}`;
  return `SELECT id${column}, count(*) AS reject_count FROM ema_rejects WHERE ${WANTED}
    GROUP BY id${column} ORDER BY reject_count DESC, id${column}`;
}

/** One table holds the rejects of all multi-day bars; the names of the families are views of it. */
const BARS_COUNTS = `SELECT id, 'cmc_price_bars_1d' AS "table", reason, count(*) AS reject_count
  FROM cmc_price_bars_1d_rejects WHERE ${WANTED} GROUP BY id, reason
  UNION ALL SELECT id, table_name, violation_type, count(*)
  FROM cmc_price_bars_multi_tf_rejects WHERE ${WANTED} GROUP BY id, table_name, violation_type
  ORDER BY 1, 2, 4 DESC, 3`;

const BARS_LIST = `SELECT id, 'cmc_price_bars_1d' AS "table", '1D' AS tf, "timestamp", reason
  FROM cmc_price_bars_1d_rejects WHERE ${WANTED}
  UNION ALL SELECT id, table_name, tf, "timestamp", violation_type FROM cmc_price_bars_multi_tf_rejects WHERE ${WANTED}
  ORDER BY 1, 2, 3, 4, 5`;
