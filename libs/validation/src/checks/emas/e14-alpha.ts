import { EMA_ROWS_LAYOUT, EMA_TABLES } from '@ta/state-store';
import type { CheckContext } from '../../check-context.ts';
import type { Check } from '../../check.ts';
import { foundInEmas } from '../../recompute/ema-pass.ts';
import { foundRows } from '../../sql/found-rows.ts';
import { emaTableNames } from '../table-names.ts';

const LOOKUP = 'ema_alpha_lookup';
const [LEAST_SERIES, GREATEST_SERIES] = [-32_768, 32_767];
const TOLERANCE = 1e-12;
const PREVIEW = '1 - power(1 - 2.0::float8 / (l.period + 1), 1.0::float8 / d.tf_days_nominal)';

/** E14: the table of smoothing factors agrees with the formulas, and EMAs have no unknown keys. */
export const alpha: Check = {
  id: 'E14',
  name: 'alpha',
  severity: 'ERROR',
  kind: 'sql',
  columns: ['column', 'alpha', 'kind'],
  explanation:
    'alpha_bar = 2 / (n + 1), alpha_ema_dailyspace = 2 / (n · T + 1) and alpha_bar_preview_daily = 1 − (1 − ' +
    'alpha_bar)^(1/T), each within 1e-12, where T is tf_days_nominal of dim_timeframe. Every timeframe has every ' +
    'period. The id, tf, period and series of every EMA row are known. Rows of a timeframe that is no longer canonical are a WARNING.',
  whatToDo:
    'Set the factors to the expected values with `ta sql --write`; add missing rows by the formulas above, and delete rows of unknown assets or timeframes, and of timeframes that are no longer built.',
  tables: (context) => [LOOKUP, ...emaTableNames(context)],
  async *run(context) {
    const formulas = `SELECT l.tf, l.period, f."column", f.alpha, f.alpha AS actual, f.expected, l.tf || '/' || l.period AS key
      FROM ${LOOKUP} l LEFT JOIN dim_timeframe d ON d.tf = l.tf, LATERAL (VALUES
        ('alpha_bar', l.alpha_bar, 2.0::float8 / (l.period + 1)),
        ('alpha_ema_dailyspace', l.alpha_ema_dailyspace, 2.0::float8 / (l.period * d.tf_days_nominal + 1)),
        ('alpha_bar_preview_daily', l.alpha_bar_preview_daily, ${PREVIEW}),
        ('tf_days_nominal', l.tf_days_nominal::float8, d.tf_days_nominal::float8),
        ('display_order', l.display_order::float8, (SELECT count(*) FROM dim_period p WHERE p.period <= l.period)::float8)
      ) f("column", alpha, expected)
      WHERE NOT coalesce(abs(f.alpha - f.expected) <= ${TOLERANCE}, false) ORDER BY l.tf, l.period`;
    yield* foundRows(context, LOOKUP, formulas, (row) =>
      row['expected'] === null
        ? 'tf not in dim_timeframe'
        : `${row['column'] as string} is ${String(row['alpha'])}, by its formula ${String(row['expected'])}`,
    );
    const gaps = `SELECT coalesce(l.tf, w.tf) AS tf, coalesce(l.period, w.period) AS period,
        CASE WHEN l.tf IS NULL THEN 'missing' ELSE 'orphan' END AS kind
      FROM ${LOOKUP} l FULL JOIN (SELECT d.tf, p.period FROM dim_timeframe d CROSS JOIN dim_period p WHERE NOT d.is_intraday) w
        ON w.tf = l.tf AND w.period = l.period
      WHERE l.tf IS NULL OR w.tf IS NULL ORDER BY 1, 2`;
    yield* foundRows(context, LOOKUP, gaps, (row) =>
      row['kind'] === 'missing' ? 'no factors' : 'factors of a timeframe or period that does not exist',
    );
    yield* foundRows(context, EMA_ROWS_LAYOUT.table, seriesless(context), 'rows of no series: {key}');
    yield* foundInEmas(context, 'E14');
  },
};

/** Rows whose series number is not in `ema_series`: no view shows them. Rows of known numbers are not read. */
function seriesless(context: CheckContext): string {
  const known = Object.values(EMA_TABLES).flatMap(({ source }) =>
    context.emaSeries(source).map(({ series }) => series),
  );
  const bounds = [LEAST_SERIES - 1, ...known.sort((a, b) => a - b), GREATEST_SERIES + 1];
  const gaps = bounds.slice(1).flatMap((next, i) => (next - bounds[i] > 1 ? [`(${bounds[i] + 1}, ${next - 1})`] : []));
  return `SELECT DISTINCT r.id, r.series AS key, 'orphan' AS kind
    FROM unnest('{${context.assets.map(({ id }) => id).join(',')}}'::int4[]) i (id) CROSS JOIN (VALUES ${gaps.join(', ')}) g (first, last)
    JOIN ${EMA_ROWS_LAYOUT.table} r ON r.id = i.id AND r.series BETWEEN g.first AND g.last ORDER BY 1, 2`;
}
