import type { Found } from '../../finding.ts';
import type { Check } from '../../check.ts';
import { rebuildCommand, refreshCommand } from '../../commands-to-type.ts';
import { barCounts } from '../../recompute/bar-counts.ts';
import { placeText } from '../../sql/found-rows.ts';
import { DAILY_TABLE, multiDayTableNames } from '../table-names.ts';

/** B14: every timeframe that an asset has enough history for has bars (operations.md 5.2). */
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
    for (const table of context.barTables) {
      yield* context.eachAsset(async (session, asset) => {
        const counts = await barCounts(context, session, asset, table);
        return counts
          .filter(({ expectedRows, rows }) => expectedRows > 0 && rows === 0)
          .map(({ tf, expectedRows }): Found => {
            const place = { id: asset.id, tf };
            const message = `${placeText(place)}: no bars, ${expectedRows} snapshots expected`;
            return {
              table: table.table,
              ...place,
              expected: expectedRows,
              actual: 0,
              detail: { expected_rows: expectedRows },
              message,
            };
          });
      });
    }
  },
};
