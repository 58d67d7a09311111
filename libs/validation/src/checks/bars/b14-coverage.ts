import type { Check } from '../../check.ts';
import { rebuildCommand, refreshCommand } from '../../commands-to-type.ts';
import { ofBarPass } from '../../recompute/bar-pass.ts';

/** B14: every timeframe that an asset has enough history for has bars. */
export const coverage: Check = {
  id: 'B14',
  name: 'coverage',
  severity: 'ERROR',
  kind: 'sql',
  columns: ['expected_rows'],
  explanation:
    'An asset has snapshots of every canonical timeframe as soon as one of its days falls into a bar: from its ' +
    'first day on for rolling and anchored timeframes, from the first full week, month or year on for aligned ' +
    'ones.',
  whatToDo: `Run ${refreshCommand('bars')}; if the finding stays, ${rebuildCommand('bars')}.`,
  ...ofBarPass('B14'),
};
