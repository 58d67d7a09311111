import type { Check } from '../../check.ts';
import { rebuildCommand } from '../../commands-to-type.ts';
import { ofEmaPass } from '../../recompute/ema-pass.ts';

/** E03: an EMA lies between half the lowest and twice the highest of the prices it can be made of. */
export const priceBounds: Check = {
  id: 'E03',
  name: 'price_bounds',
  severity: 'ERROR',
  kind: 'recompute',
  columns: ['lo', 'hi', 'ratio', 'ema'],
  explanation:
    'An EMA lies between 0.5 · lo and 2 · hi, where lo and hi are the lowest and highest daily close of the L ' +
    'days up to its row and L = max(90, 5 · period · tf_days). Once any close was at or below 0, it lies between ' +
    'the lowest and the highest close of all days up to the row instead. Rows are read together with those of ' +
    'E07; the fast profile takes the same sample.',
  whatToDo: `If E07 has no finding for it, look for a wild price (B04, B08). Otherwise ${rebuildCommand('emas')}.`,
  ...ofEmaPass('E03'),
};
