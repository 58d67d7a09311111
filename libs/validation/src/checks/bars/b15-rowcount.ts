import type { Check } from '../../check.ts';
import { rebuildCommand } from '../../commands-to-type.ts';
import { ofBarPass } from '../../recompute/bar-pass.ts';

/** B15: there are as many snapshots and final rows as follow from the days. */
export const rowcount: Check = {
  id: 'B15',
  name: 'rowcount',
  severity: 'ERROR',
  kind: 'sql',
  columns: ['kind', 'expected', 'actual', 'diff', 'status'],
  explanation:
    'For each (id, tf) the stored number of snapshots and of closed bars equals the number that follows from the ' +
    'civil days of the daily bars. Too few is a GAP, too many a DUPLICATE. Timeframes without any row are ' +
    'reported by B14.',
  whatToDo: `Run ${rebuildCommand('bars')}.`,
  ...ofBarPass('B15'),
};
