import type { Check } from '../../check.ts';
import { rebuildCommand } from '../../commands-to-type.ts';
import { ofEmaPass } from '../../recompute/ema-pass.ts';

/** E10: the rows at closes of bars are canonical, all others are previews. */
export const alignment: Check = {
  id: 'E10',
  name: 'alignment',
  severity: 'ERROR',
  kind: 'recompute',
  columns: ['roll', 'roll_bar', 'bar'],
  explanation:
    'roll is false exactly where a bar of the timeframe closes: on every day for 1D, on every tf_days-th daily ' +
    'bar for v2. roll_bar equals roll. Every row belongs to a daily bar. Rows are read together with those of ' +
    'E07; the fast profile takes the same sample.',
  whatToDo: `Run ${rebuildCommand('emas')}.`,
  ...ofEmaPass('E10'),
};
