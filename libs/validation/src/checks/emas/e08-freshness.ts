import type { Check } from '../../check.ts';
import { refreshCommand } from '../../commands-to-type.ts';
import type { Found } from '../../finding.ts';
import { isoInstant } from '../../recompute/daily-input.ts';
import { emaCounts } from '../../recompute/ema-counts.ts';
import { placeText } from '../../sql/found-rows.ts';
import { DAILY_TABLE, emaTableNames } from '../table-names.ts';

/** E08: EMAs reach as far as their bars (operations.md 5.3). */
export const freshness: Check = {
  id: 'E08',
  name: 'freshness',
  scope: 'emas',
  severity: 'ERROR',
  kind: 'sql',
  columns: ['ema_max', 'bar_max'],
  explanation:
    'The newest row of every series is of the newest daily bar of its id: each day gives each series one row.',
  whatToDo: `Run ${refreshCommand('emas')}.`,
  tables: (context) => [DAILY_TABLE, ...emaTableNames(context)],
  async *run(context) {
    for (const table of context.emaTables) {
      yield* context.eachAsset(async (session, asset) => {
        const { series, lastDailyTs } = await emaCounts(context, session, asset, table);
        const behind = new Map<string, string>();
        for (const { tf, newestTs } of series) {
          if (newestTs !== null && newestTs < lastDailyTs && !behind.has(tf)) behind.set(tf, isoInstant(newestTs));
        }
        return [...behind].map(([tf, newest]): Found => {
          const place = { id: asset.id, tf };
          const last = isoInstant(lastDailyTs);
          const message = `${placeText(place)}: EMAs end at ${newest}, daily bars at ${last}`;
          const detail = { ema_max: newest, bar_max: last };
          return { table: table.table, ...place, expected: last, actual: newest, detail, message };
        });
      });
    }
  },
};
