import type { Check } from '../../check.ts';
import { rebuildCommand } from '../../commands-to-type.ts';
import { foundInEmas } from '../../recompute/ema-pass.ts';
import { DAILY_TABLE, emaTableNames } from '../table-names.ts';

/** E03: an EMA lies within half and twice the prices it can be made of. */
export const priceBounds: Check = {
  id: 'E03',
  name: 'price_bounds',
  scope: 'emas',
  severity: 'ERROR',
  kind: 'recompute',
  columns: ['lo', 'hi', 'ratio', 'ema'],
  explanation:
    'With lo and hi the lowest and highest daily close of the L days up to the row, L = max(90, 5 · period · tf_days), the EMA lies ' +
    'between 0.5 · lo and 2 · hi. The window ends at the row itself, so old rows are not judged by today’s prices. Once a close was at ' +
    'or below 0, it lies between the lowest and the highest close of all days up to the row instead. Read on the same pass as E07; ' +
    'the fast profile takes the same sample.',
  whatToDo: `Compare with E07. Recomputed alike: look for a wild price (B04, B08). Else ${rebuildCommand('emas')}.`,
  tables: (context) => [DAILY_TABLE, ...emaTableNames(context)],
  async *run(context) {
    for (const table of context.emaTables) yield* foundInEmas(context, table, 'E03');
  },
};
