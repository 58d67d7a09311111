import type { Check } from '../../check.ts';
import { rebuildCommand, refreshCommand } from '../../commands-to-type.ts';
import { ofEmaPass } from '../../recompute/ema-pass.ts';

/** E05: every series that has enough history has rows. */
export const coverage: Check = {
  id: 'E05',
  name: 'coverage',
  severity: 'ERROR',
  kind: 'sql',
  columns: ['expected_rows'],
  explanation:
    'For every canonical timeframe and every period that a run computes (ta settings) there are rows as soon as the timeframe ' +
    'has closed as many bars as the period is long (v2: after tf_days · period days).',
  whatToDo: `Run ${refreshCommand('emas')}; if the finding stays, ${rebuildCommand('emas')}.`,
  ...ofEmaPass('E05'),
};
