import type { Check } from '../../check.ts';
import { rebuildCommand } from '../../commands-to-type.ts';
import type { Found } from '../../finding.ts';
import { barCounts } from '../../recompute/bar-counts.ts';
import { placeText } from '../../sql/found-rows.ts';
import { DAILY_TABLE, multiDayTableNames } from '../table-names.ts';

/** B15: as many snapshots and final rows as the list of days demands (operations.md 5.2). */
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
    for (const table of context.barTables) {
      yield* context.eachAsset(async (session, asset) => {
        const found: Found[] = [];
        for (const counts of await barCounts(context, session, asset, table)) {
          if (counts.rows === 0) continue;
          const { tf } = counts;
          const judge = (kind: string, expected: number, actual: number) => {
            if (expected === actual) return;
            const place = { id: asset.id, tf };
            const status = actual < expected ? 'GAP' : 'DUPLICATE';
            const message = `${placeText(place)}: ${actual} ${kind}, ${expected} expected (${status})`;
            found.push({
              table: table.table,
              ...place,
              key: kind,
              expected,
              actual,
              detail: { kind, status },
              message,
            });
          };
          judge('snapshots', counts.expectedRows, counts.rows);
          judge('final rows', counts.expectedClosed, counts.closed);
        }
        return found;
      });
    }
  },
};
