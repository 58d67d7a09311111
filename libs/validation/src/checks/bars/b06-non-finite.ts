import type { Check } from '../../check.ts';
import { rebuildCommand } from '../../commands-to-type.ts';
import { foundRows } from '../../sql/found-rows.ts';
import { barRowSources } from '../bar-row-sources.ts';
import { barTableNames } from '../table-names.ts';

const REQUIRED = ['open', 'high', 'low', 'close'];
const COLUMNS = [...REQUIRED, 'volume', 'market_cap'];

/** B06: every price is a finite number. */
export const nonFinite: Check = {
  id: 'B06',
  name: 'non_finite',
  severity: 'CRITICAL',
  kind: 'sql',
  columns: ['column', 'value'],
  explanation: 'Open, high, low and close are finite numbers; volume and market cap are finite or NULL.',
  whatToDo: `Correct or delete the source row and refresh; if the source is sound, ${rebuildCommand('all')}.`,
  tables: barTableNames,
  async *run(context) {
    const bad = (column: string) =>
      `${column} IN ('NaN', 'Infinity', '-Infinity')${REQUIRED.includes(column) ? ` OR ${column} IS NULL` : ''}`;
    for (const { table, rows, tf, time } of barRowSources(context)) {
      const select = `SELECT t.id, t.tf, t.key, v."column", v.value, v.value AS actual FROM (
          SELECT id, ${tf} AS tf, ${time} AS key, ${COLUMNS.join(', ')} FROM ${rows} t
          WHERE ${COLUMNS.map(bad).join(' OR ')}) t,
        LATERAL (VALUES ${COLUMNS.map((column) => `('${column}', t.${column}, ${REQUIRED.includes(column)})`).join(', ')})
          v("column", value, required)
        WHERE v.value IN ('NaN', 'Infinity', '-Infinity') OR (v.required AND v.value IS NULL)`;
      yield* foundRows(
        context,
        table,
        select,
        (row) => `${row['column'] as string} is ${String(row['value'] ?? 'NULL')}`,
      );
    }
  },
};
