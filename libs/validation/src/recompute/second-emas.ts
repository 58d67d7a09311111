import { BAR_TABLES, quoteLiteral, type EmaTableFacts } from '@ta/state-store';
import type { CheckContext } from '../check-context.ts';
import type { Found } from '../finding.ts';
import { numberDiffers, runSecond, type SecondRows, type SecondSeries } from './second-run.ts';

interface Series extends SecondSeries {
  readonly table: EmaTableFacts;
  readonly period: number;
}

/** Computes a seeded sample of EMA series a second time and compares it with the stored rows. */
export async function* secondEmas(context: CheckContext): AsyncGenerator<Found> {
  const series = context.assets.flatMap((asset) =>
    context.emaTables.flatMap((table) =>
      context
        .emaTimeframes(table.source)
        .flatMap((timeframe) => context.selectedPeriods.map((period): Series => ({ asset, table, timeframe, period }))),
    ),
  );
  yield* runSecond(context, { series, seed: context.request.seed + 1 }, (one) => secondRows(context, one));
}

function secondRows(context: CheckContext, series: Series): SecondRows {
  const { withBar } = series.table;
  const columns = ['', ...(withBar ? ['_bar'] : [])].flatMap((bar) =>
    ['ema', 'd1', 'd2', 'd1_roll', 'd2_roll'].map((column) => column + bar),
  );
  return {
    expected: `${gridSql(series)}, ${valuesSql(series)},
      sizes AS (SELECT ts, CASE WHEN min(x) OVER upto <= 0 THEN max(abs(x)) OVER upto END AS size FROM grid WINDOW upto AS (ORDER BY t)),
      ${derivedSql(withBar)}`,
    time: 'ts',
    wrong: [
      // the error of a difference is relative to the numbers subtracted, that of a mean to the prices, which may have both signs
      ...columns.map(
        (column) => [column, numberDiffers(context, column, `abs(s.${column}), abs(s.ema), z.size`)] as const,
      ),
      ['roll', 's.roll IS DISTINCT FROM e.roll'],
    ],
    join: 'LEFT JOIN sizes z ON z.ts = s.ts',
  };
}

/**
 * `grid`: every daily row with its number, its close, the price of the bar that closes on it, the price of an earlier bar that is
 * known to be closed only with this row, and how many bars are known to be closed.
 */
function gridSql({ asset, table, timeframe }: Series): string {
  const daily = `SELECT "timestamp" AS ts, close AS x, bar_seq, row_number() OVER (ORDER BY "timestamp") AS t FROM cmc_price_bars_1d WHERE id = ${asset.id}`;
  const isDaily = table.barFamily === null || timeframe.tf === '1D';
  const closes = isDaily
    ? `SELECT d.*, ${table.barFamily === null ? `d.bar_seq % ${timeframe.quantity} = 0` : 'true'} AS closes, d.x AS px, false AS late, NULL::float8 AS late_px FROM daily d`
    : `SELECT d.*, b.id IS NOT NULL AS closes, b.close AS px, l.id IS NOT NULL AS late, l.close AS late_px FROM daily d
       LEFT JOIN ${BAR_TABLES[table.barFamily].table} b ON b.id = ${asset.id} AND b.tf = ${quoteLiteral(timeframe.tf)}
         AND b.time_close = d.ts AND NOT b.is_partial_end
       LEFT JOIN ${BAR_TABLES[table.barFamily].table} l ON l.id = ${asset.id} AND l.tf = ${quoteLiteral(timeframe.tf)}
         AND l.closed_at = d.ts AND l.is_partial_end`;
  return `daily AS (${daily}), grid AS (SELECT c.*, count(*) FILTER (WHERE closes) OVER (ORDER BY t) + count(*) FILTER (WHERE late) OVER (ORDER BY t) AS k FROM (${closes}) c)`;
}

/**
 * `vals(t, ts, roll, ema, ema_bar)`: docs/emas.md as recursions. The inputs of a step are read from arrays by index, because
 * looking them up in the grid would scan all of it at each step.
 */
function valuesSql({ table, timeframe, period }: Series): string {
  const days = timeframe.nominalDays;
  const alpha = `(2.0::float8 / (${period} + 1))`;
  const arrays = `arr AS MATERIALIZED (SELECT array_agg(x ORDER BY t) AS xs, array_agg(closes ORDER BY t) AS cs, array_agg(late ORDER BY t) AS ls,
      array_agg(k ORDER BY t) AS ks FROM grid)`;
  if (table.barFamily === null) {
    const horizon = period * days;
    const daily = `(2.0::float8 / (${horizon} + 1))`;
    return `${arrays}, chained(t, ema) AS (
        SELECT g.t, (SELECT sum(h.x) / ${horizon} FROM grid h WHERE h.t <= ${horizon}) FROM grid g WHERE g.t = ${horizon}
        UNION ALL
        SELECT v.t + 1, ${daily} * arr.xs[v.t + 1] + (1 - ${daily}) * v.ema FROM chained v CROSS JOIN arr WHERE v.t < cardinality(arr.xs)),
      vals AS (SELECT g.t, g.ts, NOT g.closes AS roll, v.ema, NULL::float8 AS ema_bar FROM chained v JOIN grid g ON g.t = v.t)`;
  }
  const bars = `px AS MATERIALIZED (SELECT array_agg(px ORDER BY t, place) AS ps, count(*) AS n FROM (
      SELECT t, 1 AS place, px FROM grid WHERE closes UNION ALL SELECT t, 0, late_px FROM grid WHERE late) b),
    bar_ema(k, b) AS (
      SELECT ${period}::bigint, (SELECT sum(p) / ${period} FROM unnest(px.ps[1:${period}]) p) FROM px WHERE px.n >= ${period}
      UNION ALL
      SELECT v.k + 1, ${alpha} * px.ps[v.k + 1] + (1 - ${alpha}) * v.b FROM bar_ema v CROSS JOIN px WHERE v.k < px.n),
    bs AS MATERIALIZED (SELECT array_agg(b ORDER BY k) AS b FROM bar_ema)`;
  if (!table.withBar) {
    const latest = `bs.b[g.k - ${period} + 1]`;
    return `${bars}, vals AS (
      SELECT g.t, g.ts, NOT g.closes AS roll, CASE WHEN g.closes THEN ${latest} ELSE ${alpha} * g.x + (1 - ${alpha}) * ${latest} END AS ema,
        NULL::float8 AS ema_bar FROM grid g CROSS JOIN bs WHERE g.k >= ${period})`;
  }
  const isAnchored = table.barFamily.startsWith('cal_anchor');
  const chain = isAnchored
    ? `(1 - power(1 - ${alpha}, 1.0::float8 / ${days}))`
    : `(2.0::float8 / (${period} * ${days} + 1))`;
  const blend = (x: string, past: string) => `${chain} * ${x} + (1 - ${chain}) * ${past}`;
  const before = `g.k - g.closes::int - ${period} + 1`;
  const latest = `bs.b[arr.ks[v.t + 1] - ${period} + 1]`;
  const step = (value: string) => blend('arr.xs[v.t + 1]', `v.${value}`);
  return `${arrays}, ${bars}, chained(t, ema, ema_bar) AS (
      SELECT g.t, CASE WHEN ${before} >= 1 THEN ${blend('g.x', `bs.b[${before}]`)} ELSE bs.b[1] END,
        CASE WHEN g.closes THEN bs.b[g.k - ${period} + 1] ELSE ${blend('g.x', `bs.b[${before}]`)} END
      FROM grid g CROSS JOIN bs WHERE g.t = (SELECT min(t) FROM grid WHERE k >= ${period})
      UNION ALL
      SELECT v.t + 1, ${step('ema')}, CASE WHEN arr.cs[v.t + 1] THEN ${latest}
        WHEN arr.ls[v.t + 1] THEN ${blend('arr.xs[v.t + 1]', latest)} ELSE ${step('ema_bar')} END
      FROM chained v CROSS JOIN arr CROSS JOIN bs WHERE v.t < cardinality(arr.xs)),
    vals AS (SELECT g.t, g.ts, NOT g.closes AS roll, v.ema, v.ema_bar FROM chained v JOIN grid g ON g.t = v.t)`;
}

/** `expected`: the values with their derivatives over all rows and over canonical rows (docs/emas.md). */
function derivedSql(withBar: boolean): string {
  const series: readonly (readonly [string, string])[] = withBar
    ? [
        ['ema', ''],
        ['ema_bar', '_bar'],
      ]
    : [['ema', '']];
  const first = series.flatMap(([value, suffix]) => [
    `${value} - lag(${value}) OVER every AS d1_roll${suffix}`,
    `CASE WHEN NOT roll THEN ${value} - lag(${value}) OVER kind END AS d1${suffix}`,
  ]);
  const second = series.flatMap(([, suffix]) => [
    `d1_roll${suffix} - lag(d1_roll${suffix}) OVER every AS d2_roll${suffix}`,
    `CASE WHEN NOT roll THEN d1${suffix} - lag(d1${suffix}) OVER kind END AS d2${suffix}`,
  ]);
  const windows = 'WINDOW every AS (ORDER BY t), kind AS (PARTITION BY roll ORDER BY t)';
  return `steps AS (SELECT vals.*, ${first.join(', ')} FROM vals ${windows}),
    expected AS (SELECT steps.*, ${second.join(', ')} FROM steps ${windows})`;
}
