import type { Check } from '../../check.ts';
import { rebuildCommand } from '../../commands-to-type.ts';
import { foundRows, missingKey } from '../../sql/found-rows.ts';
import { multiDayTableNames } from '../table-names.ts';

/** The condition of the indexes (rows whose is_partial_end is false), as the server spells it. */
const CLOSED = '((closed_at IS DISTINCT FROM time_close) = false)';
const KEYS = ['bar_seq', 'time_close'] as const;

/** B02: a bar has one final row, and a day closes one bar of a timeframe. */
export const duplicateFinal: Check = {
  id: 'B02',
  name: 'duplicate_final',
  severity: 'CRITICAL',
  kind: 'sql',
  columns: ['n', 'by', 'unique_index'],
  explanation:
    'Among the rows of closed bars (is_partial_end = false) no (id, tf, bar_seq) and no (id, tf, time_close) ' +
    'occurs twice. Where a valid unique index enforces the key, the rows are not read. A missing index is a ' +
    'finding.',
  whatToDo: `Rebuild the id with ${rebuildCommand('all')}; restore a missing index with the DDL of the migrations.`,
  tables: multiDayTableNames,
  async *run(context) {
    for (const table of context.barTables) {
      for (const key of KEYS) {
        const stored = table.rows.table;
        if (context.uniqueKeys.isGuaranteed(stored, ['id', 'series', key], CLOSED)) continue;
        yield missingKey(stored, `(id, series, ${key}) of final rows`);
        const select = `SELECT id, tf, '${key} ' || ${key} AS key, count(*) AS n, '${key}' AS by FROM ${context.rows.bars(table)} t
          WHERE NOT is_partial_end GROUP BY id, tf, ${key} HAVING count(*) > 1`;
        yield* foundRows(context, table.table, select, ({ n }) => `${n as number} final rows`);
      }
    }
  },
};
