import type { Check } from '../../check.ts';
import { rebuildCommand } from '../../commands-to-type.ts';
import { ofEmaPass } from '../../recompute/ema-pass.ts';

/** E06: there are as many rows and canonical rows as follow from the days. */
export const rowcount: Check = {
  id: 'E06',
  name: 'rowcount',
  severity: 'ERROR',
  kind: 'sql',
  columns: ['kind', 'expected', 'actual', 'diff', 'status'],
  explanation:
    'A series has one row for each day from the bar close number `period` on (v2: from day tf_days · period on), ' +
    'and one canonical row for each bar close since then. The expected numbers follow from the civil days alone. ' +
    'Too few is a GAP, too many a DUPLICATE. Series without any row are reported by E05.',
  whatToDo: `Run ${rebuildCommand('emas')}.`,
  ...ofEmaPass('E06'),
};
