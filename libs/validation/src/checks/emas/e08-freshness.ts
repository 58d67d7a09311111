import type { Check } from '../../check.ts';
import { refreshCommand } from '../../commands-to-type.ts';
import { ofEmaPass } from '../../recompute/ema-pass.ts';

/** E08: EMAs reach as far as their bars. */
export const freshness: Check = {
  id: 'E08',
  name: 'freshness',
  severity: 'ERROR',
  kind: 'sql',
  columns: ['ema_max', 'bar_max'],
  explanation:
    'The newest row of every series belongs to the newest daily bar of its id: every series has a row for every ' +
    'day.',
  whatToDo: `Run ${refreshCommand('emas')}.`,
  ...ofEmaPass('E08'),
};
