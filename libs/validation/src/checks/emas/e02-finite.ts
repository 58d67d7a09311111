import type { Check } from '../../check.ts';
import { rebuildCommand } from '../../commands-to-type.ts';
import { foundRows } from '../../sql/found-rows.ts';
import { emaTableNames } from '../table-names.ts';

const NOT_A_NUMBER = `('NaN', 'Infinity', '-Infinity')`;
const ANY_OF_THEM = `'{NaN,Infinity,-Infinity}'::float8[]`;

/** E02: every EMA is a finite number. */
export const finite: Check = {
  id: 'E02',
  name: 'finite',
  severity: 'CRITICAL',
  kind: 'sql',
  columns: ['ema', 'column'],
  explanation:
    'ema, and ema_bar in the calendar tables, are present and finite; the derivatives are differences of these. ' +
    'Tables without ema_bar leave it empty.',
  whatToDo: `Look at the bars of the id (B06) first; then ${rebuildCommand('emas')}.`,
  tables: emaTableNames,
  async *run(context) {
    for (const table of context.emaTables) {
      const rules = table.withBar
        ? { ema: `ema IN ${NOT_A_NUMBER}`, ema_bar: `(ema_bar IS NULL OR ema_bar IN ${NOT_A_NUMBER})` }
        : { ema: `ema IN ${NOT_A_NUMBER}`, ema_bar: 'has_bar' };
      // whole packed rows are tested first, so that the single values of nearly all of them need not be read
      const unsound = table.withBar
        ? `r.ema_bar IS NULL OR r.ema_bar && ${ANY_OF_THEM} OR cardinality(array_remove(r.ema_bar, NULL)) <> cardinality(array_remove(r.ema, NULL))`
        : 'r.ema_bar IS NOT NULL';
      const named = Object.entries(rules).map(([column, broken]) => `CASE WHEN ${broken} THEN '${column}' END`);
      const select = `SELECT id, tf, period, key, ema, ema AS actual, array_to_string(ARRAY[${named.join(', ')}], ', ') AS "column"
        FROM (SELECT r.id, r.tf, o.period, r.ts AS key, r.ema[o.place] AS ema, r.ema_bar[o.place] AS ema_bar, r.ema_bar IS NOT NULL AS has_bar
          FROM ${context.rows.packedEmas(table)} r CROSS JOIN LATERAL unnest(r.periods) WITH ORDINALITY o (period, place)
          WHERE (r.ema && ${ANY_OF_THEM} OR ${unsound}) AND r.ema[o.place] IS NOT NULL${context.rows.andPeriods('o.period')} OFFSET 0) e
        WHERE ${Object.values(rules).join(' OR ')}`;
      yield* foundRows(
        context,
        table.table,
        select,
        (row) => `not a sound number: ${row['column'] as string} (ema ${String(row['ema'] ?? 'NULL')})`,
      );
    }
  },
};
