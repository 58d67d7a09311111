import { EVERY_DAY, formatCivilDay, type CivilDay, type Timeframe, type TradingDays } from '@ta/bars-core/engine';
import type { AssetFacts } from '../assets.ts';
import type { CheckContext } from '../check-context.ts';
import type { Found } from '../finding.ts';
import { numberDiffers, runSecond } from './second-run.ts';

/** Computes a seeded sample of bar series a second time and compares it with the stored rows. */
export async function* secondBars(context: CheckContext): AsyncGenerator<Found> {
  const series = context.assets.flatMap((asset) =>
    context.barTables.flatMap((table) =>
      context.barTimeframes(table.family).map((timeframe) => ({ asset, table, timeframe })),
    ),
  );
  const wrong = [
    ['time_open', `NOT coalesce(${OPENS_WITH_FIRST_DAY}, false)`] as const,
    ...EXACT.map((column) => [column, `s.${column} IS DISTINCT FROM e.${column}`] as const),
    ...['volume', 'market_cap'].map(
      (column) => [column, numberDiffers(context, column, `abs(s.${column}), abs(e.${column})`)] as const,
    ),
  ];
  yield* runSecond(context, { series, seed: context.request.seed }, ({ asset, timeframe }) => ({
    expected: expectedSql(asset, timeframe),
    time: 'time_close',
    wrong,
  }));
}

const EXACT = [
  'bar_seq', 'tf_days', 'time_high', 'time_low', 'open', 'high', 'low', 'close', 'count_days', 'count_days_remaining',
  'count_missing_days', 'count_missing_days_start', 'is_partial_start', 'is_partial_end',
  'closed_at',
]; // prettier-ignore

/**
 * A bar opens at the time_open of its first row, or at the first instant of that civil day. That instant depends on the zone,
 * which this SQL does not know, so it only checks that it is possible.
 */
const OPENS_WITH_FIRST_DAY = `abs(extract(epoch FROM s.time_open - e.first_ts)) < 25 * 3600
  AND (s.time_open = e.own_open OR s.time_open <= e.first_ts)`;

/** docs/bars.md#windows in window functions: first the window of each day, then the fold of the window's rows up to that day. */
function expectedSql(asset: AssetFacts, timeframe: Timeframe): string {
  const { index, firstDay, lastDay } = windowSql(timeframe);
  const isRolling = timeframe.kind === 'rolling';
  const isAnchored = timeframe.kind === 'anchored';
  const effectiveFirst = isRolling ? 'min(day) OVER bar' : isAnchored ? 'greatest(first_day, d0)' : 'first_day';
  return `daily AS (
      SELECT b.*, b."timestamp" AS ts, row_number() OVER (ORDER BY b."timestamp") - 1 AS k FROM cmc_price_bars_1d b WHERE b.id = ${asset.id}),
    origin AS (SELECT min(day) AS d0, ${boundarySql(timeframe)} AS a FROM daily),
    numbered AS (SELECT d.*, o.d0, o.a, ${index} AS i, (SELECT ${index} FROM daily d WHERE d.day = o.d0) AS i0 FROM daily d CROSS JOIN origin o
      ${timeframe.kind === 'aligned' ? 'WHERE d.day >= o.a' : ''}),
    placed AS (SELECT *, ${firstDay} AS first_day, ${lastDay} AS last_day FROM numbered),
    running AS (
      SELECT *, row_number() OVER bar AS n, first_value(open) OVER bar AS o, max(high) OVER bar AS h, min(low) OVER bar AS l,
        sum(volume) OVER bar AS v, first_value(ts) OVER bar AS first_ts, first_value(time_open) OVER bar AS own_open, first_value(day) OVER bar AS first_seen,
        (max(ARRAY[extract(epoch FROM ts)::float8, market_cap]) FILTER (WHERE market_cap IS NOT NULL) OVER bar)[2] AS cap,
        ${effectiveFirst} AS effective_first
      FROM placed WINDOW bar AS (PARTITION BY i ORDER BY ts)),
    extremes AS (
      -- the rows that made the running extreme are those of the stretch in which it holds
      SELECT *, min(CASE WHEN high = h THEN coalesce(time_high, ts) END) OVER (PARTITION BY i, h ORDER BY ts) AS at_high,
        min(CASE WHEN low = l THEN coalesce(time_low, ts) END) OVER (PARTITION BY i, l ORDER BY ts) AS at_low FROM running),
    ${judgedSql(timeframe, asset.trading)},
    expected AS (
      SELECT r.ts, (r.i - ${timeframe.kind === 'anchored' ? 'r.i0' : '0'} + 1)::int AS bar_seq,
        ${isRolling ? String(timeframe.quantity) : 'r.last_day - r.first_day + 1'} AS tf_days,
        r.first_ts, r.own_open, r.at_high AS time_high, r.at_low AS time_low,
        r.o AS open, r.h AS high, r.l AS low, r.close, r.v AS volume, r.cap AS market_cap, r.n::int AS count_days,
        r.days_left::int AS count_days_remaining, r.missing::int AS count_missing_days, r.missing_start::int AS count_missing_days_start,
        ${isAnchored ? 'r.d0 > r.first_day AND r.i = r.i0' : 'false'} AS is_partial_start,
        NOT r.is_closing AS is_partial_end,
        CASE WHEN r.is_closing THEN r.ts WHEN r.is_closed_by_next THEN r.next_ts END AS closed_at
      FROM judged r)`;
}

/** `judged`: the days left and missing in a bar, and whether it closes, by the calendar or by the asset's trading days. */
function judgedSql(timeframe: Timeframe, trading: TradingDays): string {
  const isRolling = timeframe.kind === 'rolling';
  const rowsLeft = `${timeframe.quantity} - r.n`;
  if (trading === EVERY_DAY) {
    return `judged AS (
      SELECT r.*, ${isRolling ? rowsLeft : 'r.last_day - r.day'} AS days_left, r.day - r.effective_first + 1 - r.n AS missing,
        r.first_seen - r.effective_first AS missing_start, ${isRolling ? `${rowsLeft} = 0` : 'r.day = r.last_day'} AS is_closing,
        false AS is_closed_by_next, NULL::timestamptz AS next_ts FROM extremes r)`;
  }
  const isMarket = trading.closeRule === 'market' && !isRolling;
  const daysLeft = isRolling ? rowsLeft : isMarket ? 'until.n - today.n' : 'r.last_day - r.day';
  return `span AS (SELECT min(least(first_day, effective_first)) - 1 AS first, max(last_day) AS last FROM extremes),
    traded AS (
      SELECT day, count(*) FILTER (WHERE ${isTradedSql('day', trading)}) OVER (ORDER BY day) AS n
      FROM (SELECT s.first + k AS day FROM span s CROSS JOIN generate_series(0, (SELECT last - first FROM span)) k) d),
    counted AS (
      SELECT r.*, ${daysLeft} AS days_left, today.n - eve.n - count(*) FILTER (WHERE ${isTradedSql('r.day', trading)}) OVER bar AS missing,
        seen.n - eve.n AS missing_start
      FROM extremes r JOIN traded today ON today.day = r.day JOIN traded until ON until.day = r.last_day
        JOIN traded eve ON eve.day = r.effective_first - 1 JOIN traded seen ON seen.day = r.first_seen - 1
      WINDOW bar AS (PARTITION BY r.i ORDER BY r.ts)),
    judged AS (
      SELECT r.*, coalesce(ts = min(ts) FILTER (WHERE days_left = 0) OVER bar, false) AS is_closing,
        ${isMarket} AND ts = max(ts) OVER bar AND min(days_left) OVER bar > 0 AS is_closed_by_next, lead(ts) OVER (ORDER BY ts) AS next_ts
      FROM counted r WINDOW bar AS (PARTITION BY i))`;
}

function isTradedSql(day: string, { weekdays, holidays }: TradingDays): string {
  const isodows = weekdays.flatMap((isTraded, weekday) => (isTraded ? [weekday === 0 ? 7 : weekday] : []));
  const closed = Array.from(holidays, (holiday) => formatCivilDay(holiday as CivilDay));
  return `extract(isodow FROM ${day})::int IN (${isodows.join(', ')}) AND ${day} <> ALL ('{${closed.join(',')}}'::date[])`;
}

/** First full boundary of an aligned timeframe; any date for the others. */
function boundarySql({ unit, scheme }: Timeframe): string {
  if (unit === 'W') return `min(day) + ((${scheme === 'US' ? 7 : 8} - extract(isodow FROM min(day))::int) % 7)`;
  if (unit === 'M') return `(date_trunc('month', min(day) - 1) + interval '1 month')::date`;
  if (unit === 'Q') return `(date_trunc('quarter', min(day) - 1) + interval '3 months')::date`;
  if (unit === 'Y') return `(date_trunc('year', min(day) - 1) + interval '1 year')::date`;
  return 'min(day)';
}

/** Number, first and last day of the window of a day (columns day, a, d0, k, i). */
function windowSql(timeframe: Timeframe): { index: string; firstDay: string; lastDay: string } {
  const { kind, unit, quantity: n } = timeframe;
  const month = (date: string) => `(extract(year FROM ${date}) * 12 + extract(month FROM ${date}) - 1)::int`;
  if (kind === 'rolling') return { index: `floor(d.k / ${n}.0)::int`, firstDay: 'day', lastDay: 'day' };
  if (unit === 'W') {
    const reference = kind === 'aligned' ? 'a' : timeframe.scheme === 'US' ? `date '1970-01-04'` : `date '1970-01-05'`;
    const origin = kind === 'aligned' ? 'o.a' : reference;
    return {
      index: `floor((d.day - ${origin}) / ${7 * n}.0)::int`,
      firstDay: `${reference} + i * ${7 * n}`,
      lastDay: `${reference} + (i + 1) * ${7 * n} - 1`,
    };
  }
  const months = n * ({ M: 1, Q: 3, Y: 12 } as const)[unit as 'M' | 'Q' | 'Y'];
  const start = (i: string) =>
    kind === 'aligned'
      ? `(date_trunc('month', a) + make_interval(months => ${i} * ${months}))::date`
      : `make_date((${i} * ${months}) / 12, (${i} * ${months}) % 12 + 1, 1)`;
  return {
    index:
      kind === 'aligned'
        ? `floor((${month('d.day')} - ${month('o.a')}) / ${months}.0)::int`
        : `floor(${month('d.day')} / ${months}.0)::int`,
    firstDay: start('i'),
    lastDay: `${start('(i + 1)')} - 1`,
  };
}
