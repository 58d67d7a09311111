import type { Check } from '../../check.ts';
import { rebuildCommand } from '../../commands-to-type.ts';
import { foundInEmas } from '../../recompute/ema-pass.ts';
import { DAILY_TABLE, emaTableNames } from '../table-names.ts';

/** E10: canonical rows stand on the closes of bars, all others are previews. */
export const alignment: Check = {
  id: 'E10',
  name: 'alignment',
  scope: 'emas',
  severity: 'ERROR',
  kind: 'recompute',
  columns: ['roll', 'roll_bar', 'bar'],
  explanation:
    'roll is false exactly where a final bar of the timeframe is stored at ts: always for 1D, on every tf_days-th daily bar for v2. ' +
    'roll_bar equals roll. Every row stands on a daily bar. Read on the same pass as E07; the fast profile takes the same sample.',
  whatToDo: `Run ${rebuildCommand('emas')}.`,
  tables: (context) => [DAILY_TABLE, ...emaTableNames(context)],
  async *run(context) {
    for (const table of context.emaTables) yield* foundInEmas(context, table, 'E10');
  },
};
