import { EMA_TABLES } from '@ta/state-store';
import type { Check } from '../../check.ts';
import { rebuildCommand } from '../../commands-to-type.ts';
import { foundRow, foundRows } from '../../sql/found-rows.ts';
import { emaTableNames } from '../table-names.ts';

const KEY = ['id', 'tf', 'period', 'ts'];

/** E01: no EMA row is stored twice. */
export const duplicates: Check = {
  id: 'E01',
  name: 'duplicates',
  scope: 'emas',
  severity: 'CRITICAL',
  kind: 'sql',
  columns: ['n', 'n_canonical', 'unique_index'],
  explanation:
    'Every row has its own (id, tf, period, ts) within its table, and with alignment_source in the union. Where a valid unique ' +
    'index enforces the key there can be no duplicate and the rows are not read; a missing index is a finding.',
  whatToDo: `Rebuild the id with ${rebuildCommand('emas')}; restore a missing index with the DDL of the migrations.`,
  tables: emaTableNames,
  async *run(context) {
    for (const table of context.emaTables) {
      if (context.uniqueKeys.isGuaranteed(table.table, KEY)) continue;
      const index = `(${KEY.join(', ')})`;
      const row = { severity: 'ERROR', unique_index: index };
      yield foundRow(table.table, row, `no valid unique index on ${index} keeps duplicates out of ${table.table}`);
      const select = `SELECT id, tf, period, ts AS key, count(*) AS n, count(*) FILTER (WHERE NOT roll) AS n_canonical
        FROM ${context.rows.emas(EMA_TABLES[table.source])} t GROUP BY id, tf, period, ts HAVING count(*) > 1`;
      yield* foundRows(context, table.table, select, ({ n }) => `${n as number} rows of one day`);
    }
  },
};
