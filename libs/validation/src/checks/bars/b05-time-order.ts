import type { Check } from '../../check.ts';
import { foundRows } from '../../sql/found-rows.ts';
import { instantSql } from '../../sql/row-selection.ts';
import { barRowSources } from '../bar-row-sources.ts';
import { barTableNames } from '../table-names.ts';

/** B05: the four instants of a bar follow each other, and none lies in the future (operations.md 5.2). */
export const timeOrder: Check = {
  id: 'B05',
  name: 'time_order',
  scope: 'bars',
  severity: 'ERROR',
  kind: 'sql',
  columns: ['time_open', 'time_high', 'time_low', 'time_close', 'rule'],
  explanation:
    'time_open < time_close, time_high and time_low lie between them, and no bar closes after the clock of the validation (--as-of).',
  whatToDo:
    'Compare with the source row (B08) and rebuild the id with `ta refresh --all --full-rebuild --ids <id>`. A close in the future: check --as-of and the loader.',
  tables: barTableNames,
  async *run(context) {
    const asOf = instantSql(context.request.asOfTs);
    const broken: readonly (readonly [string, string])[] = [
      ['time_open >= time_close', 'time_open >= time_close'],
      ['time_high outside', 'time_high < time_open OR time_high > time_close'],
      ['time_low outside', 'time_low < time_open OR time_low > time_close'],
      ['timestamp after the clock', `"timestamp" > ${asOf}`],
      ['infinite', 'NOT (isfinite(time_open) AND isfinite(time_close))'],
    ];
    const rule = broken.map(([name, condition]) => `CASE WHEN ${condition} THEN '${name}' END`).join(', ');
    for (const { table, rows, tf, time } of barRowSources(context)) {
      const select = `SELECT id, ${tf} AS tf, ${time} AS key, time_open, time_high, time_low, time_close,
          array_to_string(ARRAY[${rule}], ', ') AS rule
        FROM ${rows} t WHERE ${broken.map(([, condition]) => condition).join(' OR ')}`;
      yield* foundRows(context, table, select, (row) => `${row['rule'] as string}`);
    }
  },
};
