import type { Check } from '../../check.ts';
import { rebuildCommand } from '../../commands-to-type.ts';
import { foundRow, foundRows } from '../../sql/found-rows.ts';
import { multiDayTableNames } from '../table-names.ts';

const CLOSED = '(is_partial_end = false)';
const KEYS = ['bar_seq', 'time_close'] as const;

/** B02: a bar has one final row, and a day closes one bar of a timeframe. */
export const duplicateFinal: Check = {
  id: 'B02',
  name: 'duplicate_final',
  scope: 'bars',
  severity: 'CRITICAL',
  kind: 'sql',
  columns: ['n', 'by', 'unique_index'],
  explanation:
    'Among final rows (is_partial_end = false) neither (id, tf, bar_seq) nor (id, tf, time_close) occurs twice. Where a valid ' +
    'unique index enforces the key the rows are not read; a missing index is a finding.',
  whatToDo: `Rebuild the id with ${rebuildCommand('all')}; restore a missing index with the DDL of the migrations.`,
  tables: multiDayTableNames,
  async *run(context) {
    for (const table of context.barTables) {
      for (const key of KEYS) {
        if (context.uniqueKeys.isGuaranteed(table.table, ['id', 'tf', key], CLOSED)) continue;
        const index = `(id, tf, ${key}) of final rows`;
        const row = { severity: 'ERROR', unique_index: index };
        yield foundRow(table.table, row, `no valid unique index on ${index} keeps duplicates out of ${table.table}`);
        const select = `SELECT id, tf, '${key} ' || ${key} AS key, count(*) AS n, '${key}' AS by FROM ${context.rows.bars(table)} t
          WHERE NOT is_partial_end GROUP BY id, tf, ${key} HAVING count(*) > 1`;
        yield* foundRows(context, table.table, select, ({ n }) => `${n as number} final rows`);
      }
    }
  },
};
