import type { Check } from '../../check.ts';
import { refreshCommand } from '../../commands-to-type.ts';
import { foundInEmas } from '../../recompute/ema-pass.ts';
import { DAILY_TABLE, emaTableNames } from '../table-names.ts';

/** E08: EMAs reach as far as their bars. */
export const freshness: Check = {
  id: 'E08',
  name: 'freshness',
  scope: 'emas',
  severity: 'ERROR',
  kind: 'sql',
  columns: ['ema_max', 'bar_max'],
  explanation:
    'The newest row of every series is of the newest daily bar of its id: each day gives each series one row.',
  whatToDo: `Run ${refreshCommand('emas')}.`,
  tables: (context) => [DAILY_TABLE, ...emaTableNames(context)],
  async *run(context) {
    for (const table of context.emaTables) yield* foundInEmas(context, table, 'E08');
  },
};
