import type { Check } from '../../check.ts';
import { rebuildCommand } from '../../commands-to-type.ts';
import { foundRows } from '../../sql/found-rows.ts';
import { emaTableNames } from '../table-names.ts';

const SERIES = ['d1', 'd2', 'd1_roll', 'd2_roll'];
const BAR_SERIES = ['d1_bar', 'd2_bar', 'd1_roll_bar', 'd2_roll_bar'];
/** Columns of the calendar tables, which the other two must leave empty. */
const OTHERS = ['ema_bar', ...BAR_SERIES, 'roll_bar'];
const NOT_A_NUMBER = `('NaN', 'Infinity', '-Infinity')`;

/** One expression for all rules: a sum with NaN or an infinity in it is one, and no number is greater than NaN. */
function isUnsound(values: readonly string[], derived: readonly string[], withBar: boolean): string {
  const sound = values.map((column) => `${column} > '-Infinity' AND ${column} < 'Infinity'`);
  const sum = derived.map((column) => `coalesce(${column}, 0)`).join(' + ');
  const others = withBar ? [] : [`num_nonnulls(${OTHERS.join(', ')}) = 0`];
  return `NOT coalesce(${[...sound, `abs(${sum}) < 'Infinity'`, ...others].join(' AND ')}, false)`;
}

/** E02: every EMA is a finite number. */
export const finite: Check = {
  id: 'E02',
  name: 'finite',
  scope: 'emas',
  severity: 'CRITICAL',
  kind: 'sql',
  columns: ['ema', 'column'],
  explanation:
    'ema, and ema_bar in the calendar tables, are present and finite; derivatives are finite or NULL. Tables without the series ' +
    'ema_bar leave its columns empty.',
  whatToDo: `Look at the bars of the id (B06) first; then ${rebuildCommand('emas')}.`,
  tables: emaTableNames,
  async *run(context) {
    for (const table of context.emaTables) {
      const values = table.withBar ? ['ema', 'ema_bar'] : ['ema'];
      const derived = table.withBar ? [...SERIES, ...BAR_SERIES] : SERIES;
      const rules: [string, string][] = [
        ...values.map((column): [string, string] => [column, `(${column} IS NULL OR ${column} IN ${NOT_A_NUMBER})`]),
        ...derived.map((column): [string, string] => [column, `${column} IN ${NOT_A_NUMBER}`]),
        ...(table.withBar ? [] : OTHERS.map((column): [string, string] => [column, `${column} IS NOT NULL`])),
      ];
      const select = `SELECT id, tf, period, ts AS key, ema, ema AS actual,
          array_to_string(ARRAY[${rules.map(([column, broken]) => `CASE WHEN ${broken} THEN '${column}' END`).join(', ')}], ', ') AS "column"
        FROM ${context.rows.emas(table)} t WHERE ${isUnsound(values, derived, table.withBar)}`;
      yield* foundRows(
        context,
        table.table,
        select,
        (row) => `not a sound number: ${row['column'] as string} (ema ${String(row['ema'] ?? 'NULL')})`,
      );
    }
  },
};
