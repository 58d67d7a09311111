import type { Check } from '../../check.ts';
import { rebuildCommand } from '../../commands-to-type.ts';
import { foundInEmas } from '../../recompute/ema-pass.ts';
import { DAILY_TABLE, emaTableNames } from '../table-names.ts';

/** E06: as many rows and canonical rows as the days demand. */
export const rowcount: Check = {
  id: 'E06',
  name: 'rowcount',
  scope: 'emas',
  severity: 'ERROR',
  kind: 'sql',
  columns: ['kind', 'expected', 'actual', 'diff', 'status'],
  explanation:
    'Canonical rows of a series are the bar closes from number `period` on, all rows are the days from there on; v2 begins on day ' +
    'tf_days · period. Expected from the civil days alone. Too few is a GAP, too many a DUPLICATE. Series ' +
    'without any row belong to E05.',
  whatToDo: `Run ${rebuildCommand('emas')}.`,
  tables: (context) => [DAILY_TABLE, ...emaTableNames(context)],
  async *run(context) {
    for (const table of context.emaTables) yield* foundInEmas(context, table, 'E06');
  },
};
