import { isBeyondSql } from '@ta/state-store';
import type { CheckContext } from '../../check-context.ts';
import { DAILY_REJECTS_TABLE, DAILY_TABLE } from '../table-names.ts';

const FLOATS = ['open', 'high', 'low', 'close', 'volume', 'marketcap'];
const INSTANTS = ['timeopen', 'timeclose', 'timehigh', 'timelow'];

/** Reject reasons in their order, with the condition on the repaired row; see docs/bars.md#daily-bars. */
const REASONS: readonly (readonly [reason: string, condition: string])[] = [
  ['failed_final_filter_unknown', 'is_ts_beyond'],
  ['null_time_open_time_close', 'timeopen IS NULL OR timeclose IS NULL'],
  ['null_open_close', 'open IS NULL OR close IS NULL'],
  ['time_open_gt_time_close', 'timeopen > timeclose'],
  ['null_time_high_time_low_after_repair', 'time_high IS NULL OR time_low IS NULL'],
  ['null_ohlc_after_repair', 'high IS NULL OR low IS NULL'],
  ['high_lt_low_after_repair', 'high < low'],
  ['high_lt_greatest(open,close,low)_after_repair', 'high < greatest(open, close, low)'],
  ['low_gt_least(open,close,high)_after_repair', 'low > least(open, close, high)'],
  ['failed_final_filter_unknown', 'has_infinity'],
];

/**
 * The daily builder in SQL: every source row of the selection with its number, repaired as docs/bars.md says, and its reject
 * reason (NULL for a bar). It shares no code with the program that writes the bars, but takes the civil days from the stored
 * rows; `compareCivilDays` checks these.
 */
export function repairedSourceSql(context: CheckContext): string {
  const ids = context.rows.ids('s.id');
  const isUnplaced = (instant: string) =>
    `coalesce(${instant} IS NULL OR (${instant} < timeopen OR ${instant} > timeclose) AND NOT coalesce(${instant} >= day_from AND ${instant} < day_until, false), false)`;
  const infinity = [
    ...FLOATS.map((column) => `coalesce(s.${column} IN ('Infinity', '-Infinity'), false)`),
    ...[...INSTANTS, 'load_ts'].map((column) => isBeyondSql(`s.${column}`)),
  ].join(' OR ');
  return `WITH source AS (
      SELECT s.id, s."timestamp" AS ts, s.name, s.load_ts, s.source_file, s.timehigh, s.timelow, s.timeopen AS raw_timeopen, s.timeclose AS raw_timeclose,
        coalesce(s.timeopen, d.day_from) AS timeopen, coalesce(s.timeclose, d.day_until - interval '1 millisecond') AS timeclose,
        ${FLOATS.map((column) => `nullif(s.${column}, 'NaN') AS ${column}`).join(', ')}, ${infinity} AS has_infinity,
        ${isBeyondSql('s."timestamp"')} AS is_ts_beyond, row_number() OVER (PARTITION BY s.id ORDER BY s."timestamp") AS seq, d.day, d.day_from, d.day_until
      FROM cmc_price_histories7 s LEFT JOIN (
        SELECT id, "timestamp", day, day_from, day_until FROM ${DAILY_TABLE}
        UNION ALL SELECT id, "timestamp", day, day_from, day_until FROM ${DAILY_REJECTS_TABLE}
      ) d ON d.id = s.id AND d."timestamp" = s."timestamp" WHERE ${ids}),
    placed AS (
      SELECT *, ${isUnplaced('timehigh')} AS is_high_unplaced, ${isUnplaced('timelow')} AS is_low_unplaced FROM source),
    stepped AS (
      SELECT *, CASE WHEN is_high_unplaced THEN CASE WHEN close >= open THEN timeclose ELSE timeopen END ELSE timehigh END AS time_high,
        CASE WHEN is_low_unplaced THEN CASE WHEN close <= open THEN timeclose ELSE timeopen END ELSE timelow END AS time_low FROM placed),
    repaired AS (
      SELECT id, ts, seq, name, load_ts, source_file, timeopen, timeclose, raw_timeopen, raw_timeclose, timehigh, timelow, time_high, time_low, open, close, volume,
        marketcap, high AS raw_high, low AS raw_low, has_infinity, is_ts_beyond, is_high_unplaced, is_low_unplaced, day,
        greatest(high, open, close, low) AS high, least(low, open, close, high) AS low,
        greatest(high, open, close, low) IS DISTINCT FROM high AS is_high_changed,
        least(low, open, close, high) IS DISTINCT FROM low AS is_low_changed FROM stepped),
    judged AS (
      SELECT *, CASE ${REASONS.map(([reason, condition]) => `WHEN ${condition} THEN '${reason}'`).join(' ')} END AS own_reason FROM repaired)
    SELECT *, CASE WHEN own_reason IS NULL AND row_number() OVER (PARTITION BY id, own_reason IS NULL, day ORDER BY ts DESC) > 1
      THEN 'superseded_by_later_row' ELSE own_reason END AS reason FROM judged`;
}
