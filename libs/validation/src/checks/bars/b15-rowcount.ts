import type { Check } from '../../check.ts';
import { rebuildCommand } from '../../commands-to-type.ts';
import { foundInBars } from '../../recompute/bar-pass.ts';
import { DAILY_TABLE, multiDayTableNames } from '../table-names.ts';

/** B15: as many snapshots and final rows as the list of days demands. */
export const rowcount: Check = {
  id: 'B15',
  name: 'rowcount',
  scope: 'bars',
  severity: 'ERROR',
  kind: 'sql',
  columns: ['kind', 'expected', 'actual', 'diff', 'status'],
  explanation:
    'The number of snapshots and of final rows of each (id, tf), counted in the database, equals the number that follows from the ' +
    'civil days of the daily bars alone. Too few is a GAP, too many a DUPLICATE. Timeframes without any row belong to B14.',
  whatToDo: `Run ${rebuildCommand('bars')}.`,
  tables: (context) => [DAILY_TABLE, ...multiDayTableNames(context)],
  async *run(context) {
    for (const table of context.barTables) yield* foundInBars(context, table, 'B15');
  },
};
