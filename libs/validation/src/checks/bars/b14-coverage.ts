import type { Check } from '../../check.ts';
import { rebuildCommand, refreshCommand } from '../../commands-to-type.ts';
import { foundInBars } from '../../recompute/bar-pass.ts';
import { DAILY_TABLE, multiDayTableNames } from '../table-names.ts';

/** B14: every timeframe that an asset has enough history for has bars. */
export const coverage: Check = {
  id: 'B14',
  name: 'coverage',
  scope: 'bars',
  severity: 'ERROR',
  kind: 'sql',
  columns: ['expected_rows'],
  explanation:
    'For every canonical timeframe of a family an asset has snapshots as soon as one of its days falls in a bar: from the first ' +
    'day on for rolling and anchored timeframes, from the first full boundary on for aligned ones.',
  whatToDo: `Run ${refreshCommand('bars')}; if the finding stays, ${rebuildCommand('bars')}.`,
  tables: (context) => [DAILY_TABLE, ...multiDayTableNames(context)],
  async *run(context) {
    for (const table of context.barTables) yield* foundInBars(context, table, 'B14');
  },
};
