import type { Check } from '../../check.ts';
import { rebuildCommand } from '../../commands-to-type.ts';
import type { Found } from '../../finding.ts';
import { emaCounts } from '../../recompute/ema-counts.ts';
import { placeText } from '../../sql/found-rows.ts';
import { DAILY_TABLE, emaTableNames } from '../table-names.ts';

/** E06: as many rows and canonical rows as the days demand (operations.md 5.3, emas.md D12). */
export const rowcount: Check = {
  id: 'E06',
  name: 'rowcount',
  scope: 'emas',
  severity: 'ERROR',
  kind: 'sql',
  columns: ['kind', 'expected', 'actual', 'diff', 'status'],
  explanation:
    'Canonical rows of a series are the bar closes from number `period` on, all rows are the days from there on; v2 begins on day ' +
    'tf_days · period. Expected from the civil days alone. Too few is a GAP, too many a DUPLICATE. Series ' +
    'without any row belong to E05.',
  whatToDo: `Run ${rebuildCommand('emas')}.`,
  tables: (context) => [DAILY_TABLE, ...emaTableNames(context)],
  async *run(context) {
    for (const table of context.emaTables) {
      yield* context.eachAsset(async (session, asset) => {
        const found: Found[] = [];
        const { series } = await emaCounts(context, session, asset, table);
        for (const { tf, period, rows, canonical, expectedRows, expectedCanonical } of series) {
          if (rows === 0) continue;
          const judge = (kind: string, expected: number, actual: number) => {
            if (expected === actual) return;
            const place = { id: asset.id, tf, period };
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
          judge('rows', expectedRows, rows);
          judge('canonical rows', expectedCanonical, canonical);
        }
        return found;
      });
    }
  },
};
