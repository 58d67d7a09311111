import type { Check } from '../../check.ts';
import { rebuildCommand } from '../../commands-to-type.ts';
import { foundInBars } from '../../recompute/bar-pass.ts';
import { secondBars } from '../../recompute/second-bars.ts';
import { DAILY_TABLE, multiDayTableNames } from '../table-names.ts';

/** B16: every stored snapshot is what folding the daily bars again gives. */
export const recompute: Check = {
  id: 'B16',
  name: 'recompute',
  severity: 'CRITICAL',
  kind: 'recompute',
  columns: ['kind', 'columns', 'method'],
  explanation:
    'All snapshots are recomputed from the daily bars with bars-core and compared column by column: keys, flags, ' +
    'counts, instants and prices exactly, volume and market cap within --rel-tol. The fast profile compares the ' +
    'newest rows only; paranoid also computes a sample of series a second time in plain SQL.',
  whatToDo: `Run ${rebuildCommand('bars')}. If the finding comes back the program has a fault: report it.`,
  tables: (context) => [DAILY_TABLE, ...multiDayTableNames(context)],
  async *run(context) {
    yield* foundInBars(context, 'B16');
    if (context.request.profile === 'paranoid') yield* secondBars(context);
  },
};
