import { instantSql, quoteLiteral } from '@ta/state-store';
import type { AssetFacts } from '../../assets.ts';
import type { Check } from '../../check.ts';
import type { CheckContext } from '../../check-context.ts';
import { sampledTimeframes } from '../../recompute/sample.ts';
import { foundRows } from '../../sql/found-rows.ts';
import { allRows } from '../../sql/json-rows.ts';
import { emaTableNames } from '../table-names.ts';

const WINDOW_ROWS = 100;
const LEAST_ROWS = 10;
const SIGMAS = 3;

/** Instants of the newest daily bar, for which every series has a row, and of the 100th before it; the same in every profile. */
async function newestDays(context: CheckContext, asset: AssetFacts) {
  const { untilTs } = context.rangeOf(asset, 'read');
  const newest = `SELECT "timestamp" AS ts FROM cmc_price_bars_1d WHERE id = ${asset.id} AND "timestamp" < ${instantSql(untilTs)}
    ORDER BY 1 DESC LIMIT ${WINDOW_ROWS + 1}`;
  const [bounds] = await allRows(context.session, `SELECT min(ts) AS first, max(ts) AS last FROM (${newest}) days`);
  if (typeof bounds['last'] !== 'string') return null;
  return { first: `timestamptz '${bounds['first'] as string}'`, last: `timestamptz '${bounds['last']}'` };
}

/** E04: the newest EMA of a series is not an outlier compared with the hundred before it. */
export const statisticalBounds: Check = {
  id: 'E04',
  name: 'statistical_bounds',
  severity: 'WARNING',
  kind: 'sql',
  columns: ['mean', 'std', 'z'],
  explanation:
    'The newest row of a series lies within 3 sample standard deviations of the mean of the 100 rows before it ' +
    '(at least 10); the fast profile looks at a sample. Markets do move that far at times, so a finding is a ' +
    'WARNING only.',
  whatToDo: 'Look at the price of the day. If it is right, there is nothing to do.',
  tables: emaTableNames,
  async *run(context) {
    const { tfs, profile } = context.request;
    const windows = new Map<number, { readonly first: string; readonly last: string } | null>();
    for (const table of context.emaTables) {
      for (const asset of context.assets) {
        const timeframes = sampledTimeframes({ context, asset, table });
        if (timeframes.length === 0) continue;
        // an expression keeps the planner from using an index for the labels, which would cost more than it saves
        const labels = timeframes.map(({ tf }) => quoteLiteral(tf)).join(', ');
        const chosenTfs = tfs === null && profile !== 'fast' ? '' : ` AND tf || '' IN (${labels})`;
        let window = windows.get(asset.id);
        if (window === undefined) windows.set(asset.id, (window = await newestDays(context, asset)));
        if (window === null) continue;
        const { first, last } = window;
        const select = `SELECT *, (actual - mean) / nullif(std, 0) AS z FROM (
            SELECT ${asset.id} AS id, tf, period, ${last} AS key, max(ema) FILTER (WHERE ts = ${last}) AS actual,
              count(*) FILTER (WHERE ts < ${last}) AS n, avg(ema) FILTER (WHERE ts < ${last}) AS mean,
              stddev_samp(ema) FILTER (WHERE ts < ${last}) AS std
            FROM ${table.table} WHERE id = ${asset.id} AND ts BETWEEN ${first} AND ${last}${chosenTfs}${context.rows.andPeriods('period')}
            GROUP BY tf, period) s
          WHERE n >= ${LEAST_ROWS} AND abs(actual - mean) > ${SIGMAS} * std`;
        yield* foundRows(
          context,
          table.table,
          select,
          (row) =>
            `ema ${String(row['actual'])} is ${Number(row['z']).toFixed(1)} standard deviations from the mean ${String(row['mean'])}`,
        );
      }
    }
  },
};
