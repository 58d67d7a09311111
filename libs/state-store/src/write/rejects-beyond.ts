import type { Session } from '../connect/database.ts';
import { isBeyondSql } from '../instant-range.ts';
import { idSql, instantSql } from '../sql-conditions.ts';

/*
 * The program cannot represent instants outside the years 0001 to 9999. In rejects of rows with such an instant the database
 * itself copies the stored values, unchanged (docs/source-rows.md).
 */

const REASON = 'failed_final_filter_unknown';

/**
 * SQL for the opening and closing instant of a row after the repair rule of docs/bars.md: unknown ones are those of its civil
 * day, if the row has one.
 */
interface Window {
  readonly open: string;
  readonly close: string;
}
const OWN: Window = { open: 's.timeopen', close: 's.timeclose' };
const WITH_DAY: Window = {
  open: 'coalesce(s.timeopen, r.day_from)',
  close: `coalesce(s.timeclose, r.day_until - interval '1 millisecond')`,
};

/** SQL for the instant of a high or low after the repair rule, for a row with an instant outside the years 0001 to 9999. */
const repaired = ({ open, close }: Window, instant: string, atClose: string) => `CASE
    WHEN ${open} IS NULL OR ${close} IS NULL THEN s.${instant}
    WHEN s.${instant} IS NULL OR s.${instant} < ${open} OR s.${instant} > ${close}
      THEN CASE WHEN ${atClose} THEN ${close} ELSE ${open} END
    ELSE s.${instant} END`;
const timeHigh = (window: Window) => repaired(window, 'timehigh', 's.close >= s.open');
const timeLow = (window: Window) => repaired(window, 'timelow', 's.close <= s.open');
const price = (column: string) => `nullif(s.${column}, 'NaN')`;
const OPEN_HIGH_LOW_CLOSE = ['open', 'high', 'low', 'close'].map(price).join(', ');

/** The columns of these rejects besides their key, in the order in which they are selected. */
const COLUMNS = [
  ...['reason', 'tf', 'bar_seq', 'time_open', 'time_close', 'time_high', 'time_low', 'open', 'high', 'low', 'close'],
  ...[
    'volume',
    'market_cap',
    'raw_high',
    'raw_low',
    'raw_timehigh',
    'raw_timelow',
    'src_name',
    'src_load_ts',
    'src_file',
  ],
];

/**
 * Writes a reject for every source row of an id whose `timestamp` is outside the years 0001 to 9999, and deletes the rejects of
 * rows that no longer exist. A reject whose row or place among the rows has changed is updated.
 * @returns the number of new rejects
 */
export async function recordRowsBeyond(session: Session, id: number): Promise<number> {
  const beyond = (alias: string) => `${alias}.id = ${idSql(id)} AND ${isBeyondSql(`${alias}."timestamp"`)}`;
  await session.run(`DELETE FROM cmc_price_bars_1d_rejects r WHERE ${beyond('r')}
    AND NOT EXISTS (SELECT FROM cmc_price_histories7 s WHERE s.id = r.id AND s."timestamp" = r."timestamp" AND s.load_ts = r.src_load_ts)`);
  const [stored, given] = ['r', 'excluded'].map((row) => COLUMNS.map((column) => `${row}.${column}`).join(', '));
  const [{ added }] = await session.query<{ added: number }>(`WITH written AS (
    INSERT INTO cmc_price_bars_1d_rejects AS r (id, "timestamp", ${COLUMNS.join(', ')})
    SELECT s.id, s."timestamp", '${REASON}', '1D',
      place.bar_seq,
      s.timeopen, s.timeclose, ${timeHigh(OWN)}, ${timeLow(OWN)},
      ${price('open')}, greatest(${OPEN_HIGH_LOW_CLOSE}), least(${OPEN_HIGH_LOW_CLOSE}), ${price('close')}, ${price('volume')}, ${price('marketcap')},
      ${price('high')}, ${price('low')}, s.timehigh, s.timelow, s.name, s.load_ts, s.source_file
    FROM cmc_price_histories7 s
    JOIN (SELECT b.ts, count(*) AS bar_seq
      FROM (SELECT DISTINCT h."timestamp" AS ts FROM cmc_price_histories7 h WHERE ${beyond('h')}) b
      JOIN cmc_price_histories7 n ON n.id = ${idSql(id)} AND n."timestamp" <= b.ts GROUP BY b.ts) place ON place.ts = s."timestamp"
    WHERE ${beyond('s')}
    ON CONFLICT (id, "timestamp") DO UPDATE SET (${COLUMNS.join(', ')}) = ROW(${given}) WHERE ROW(${stored}) IS DISTINCT FROM ROW(${given})
    RETURNING xmax = 0 AS is_new) SELECT count(*) FILTER (WHERE is_new) AS added FROM written`);
  return added;
}

/**
 * Copies the instants of source rows into their rejects, which were written without the instants outside the years 0001 to 9999.
 */
export async function restoreRejectInstants(session: Session, id: number, ts: readonly number[]): Promise<void> {
  if (ts.length === 0) return;
  await session.run(`UPDATE cmc_price_bars_1d_rejects r SET time_open = s.timeopen, time_close = s.timeclose,
      time_high = coalesce(r.time_high, ${timeHigh(WITH_DAY)}), time_low = coalesce(r.time_low, ${timeLow(WITH_DAY)}),
      raw_timehigh = s.timehigh, raw_timelow = s.timelow, src_load_ts = s.load_ts
    FROM cmc_price_histories7 s WHERE s.id = r.id AND s."timestamp" = r."timestamp" AND r.id = ${idSql(id)}
      AND r."timestamp" IN (${ts.map(instantSql).join(', ')})
      AND (r.time_open, r.time_close, r.raw_timehigh, r.raw_timelow, r.src_load_ts)
        IS DISTINCT FROM (s.timeopen, s.timeclose, s.timehigh, s.timelow, s.load_ts)`);
}
