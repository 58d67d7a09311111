import { timeframesOf } from '@ta/bars-core/engine';
import { quoteLiteral, type BarTable } from '@ta/state-store';
import type { AssetFacts } from '../../assets.ts';
import type { CheckContext } from '../../check-context.ts';
import type { Check } from '../../check.ts';
import { rebuildCommand } from '../../commands-to-type.ts';
import { foundRows } from '../../sql/found-rows.ts';
import { gapsSql, idsInGapsSql } from '../../sql/row-selection.ts';
import { barTableNames, DAILY_TABLE, SOURCE_TABLE } from '../table-names.ts';

/** B23: rows of assets and timeframes that do not exist, or are in the wrong table. */
export const orphans: Check = {
  id: 'B23',
  name: 'orphans',
  severity: 'ERROR',
  kind: 'sql',
  columns: ['value', 'kind'],
  explanation:
    'Every id of a source row or bar is in dim_assets. Every tf is in dim_timeframe and belongs to the family of ' +
    'its table, and tf_days is its length. Multi-day bars have daily bars. Rows of a timeframe that is no longer ' +
    'canonical are a WARNING. Each row is of a series.',
  whatToDo: `Add the asset to dim_assets, or delete the rows. Bars of a wrong timeframe: ${rebuildCommand('bars')}.`,
  tables: (context) => [SOURCE_TABLE, ...barTableNames(context)],
  async *run(context) {
    const idsBesides = (table: string, isFit: (asset: AssetFacts) => boolean) => {
      const fit = context.assets.filter(isFit).map(({ id }) => id);
      return `WITH ${gapsSql(fit, context.request.ids)}
        SELECT i.id, 'id' AS kind, i.id AS value FROM (${idsInGapsSql(table)}) i ORDER BY i.id`;
    };
    for (const table of [SOURCE_TABLE, ...barTableNames(context)]) {
      yield* foundRows(
        context,
        table,
        idsBesides(table, ({ isKnown }) => isKnown),
        'not in dim_assets',
      );
    }
    if (context.hasDaily) {
      const daily = `SELECT id, "timestamp" AS key, 'tf' AS kind, tf AS value FROM ${context.rows.daily()} b WHERE tf <> '1D'`;
      yield* foundRows(context, DAILY_TABLE, daily, 'tf is {value} in the daily table');
    }
    for (const table of context.barTables) {
      const withoutDaily = idsBesides(table.table, ({ hasDaily }) => hasDaily);
      yield* foundRows(context, table.table, withoutDaily, 'bars of an id that has no daily bars');
      yield* foundRows(context, table.table, timeframeRules(context, table), '{kind}: {value}');
      yield* foundRows(context, 'bar_rows', seriesless(context, table), 'rows of no series: {value}');
    }
  },
};

/** Rows whose series number is not in `bar_series`: no view shows them. */
function seriesless(context: CheckContext, { seriesRange: [first, until] }: BarTable): string {
  return `SELECT DISTINCT r.id, r.series AS key, 'series' AS kind, r.series AS value FROM bar_rows r
    WHERE r.series >= ${first} AND r.series < ${until} AND ${context.rows.ids('r.id')}
      AND NOT EXISTS (SELECT FROM bar_series s WHERE s.series = r.series) ORDER BY 1, 2`;
}

function timeframeRules(context: CheckContext, table: BarTable): string {
  const family = timeframesOf(table.family, context.timeframes, { includeNonCanonical: true });
  const canonical = new Set(timeframesOf(table.family, context.timeframes).map(({ tf }) => tf));
  const known = family.map(({ tf, minDays, maxDays }) => {
    const bounds = `${minDays ?? 'NULL::int'}, ${maxDays ?? 'NULL::int'}`;
    return `(${quoteLiteral(tf)}, ${bounds}, ${canonical.has(tf)})`;
  });
  if (known.length === 0) known.push('(NULL::text, NULL::int, NULL::int, false)');
  return `WITH stored AS (SELECT id, tf, tf_days, min(time_close) AS first_at FROM ${context.rows.bars(table)} t GROUP BY id, tf, tf_days),
    judged AS (SELECT s.*, CASE
        WHEN d.tf IS NULL THEN 'tf not in dim_timeframe'
        WHEN k.tf IS NULL THEN 'tf of another family'
        WHEN s.tf_days < k.shortest OR s.tf_days > k.longest THEN 'tf_days not the length of the timeframe'
        WHEN NOT k.is_canonical THEN 'tf no longer canonical' END AS kind
      FROM stored s LEFT JOIN dim_timeframe d ON d.tf = s.tf
      LEFT JOIN (VALUES ${known.join(', ')}) k(tf, shortest, longest, is_canonical) ON k.tf = s.tf)
    SELECT id, tf, first_at AS key, kind, CASE WHEN kind LIKE 'tf_days%' THEN tf_days::text ELSE tf END AS value,
      CASE WHEN kind = 'tf no longer canonical' THEN 'WARNING' ELSE 'ERROR' END AS severity
    FROM judged WHERE kind IS NOT NULL ORDER BY id, tf, tf_days`;
}
