import type { Check } from '../../check.ts';
import { rebuildCommand } from '../../commands-to-type.ts';
import { foundInEmas } from '../../recompute/ema-pass.ts';
import { secondEmas } from '../../recompute/second-emas.ts';
import { DAILY_TABLE, emaTableNames } from '../table-names.ts';

/** E07: every stored EMA is what computing it again from its bars gives. */
export const recompute: Check = {
  id: 'E07',
  name: 'recompute',
  severity: 'CRITICAL',
  kind: 'recompute',
  columns: ['kind', 'columns', 'rel_diff', 'method'],
  explanation:
    'All series are recomputed from the stored bars with ema-core and compared column by column within ' +
    '--rel-tol. The fast profile takes a seeded sample of timeframes (at least one per table, with all periods) ' +
    'and the newest rows; paranoid also computes a sample of series a second time in plain SQL.',
  whatToDo: `Run ${rebuildCommand('emas')}. If the finding comes back the program has a fault: report it.`,
  tables: (context) => [DAILY_TABLE, ...emaTableNames(context)],
  async *run(context) {
    yield* foundInEmas(context, 'E07');
    if (context.request.profile === 'paranoid') yield* secondEmas(context);
  },
};
