import type { Session } from '../connect/database.ts';
import { WANTED, type ShownRows } from './wanted.ts';

/** Counts the rejects of bars by asset, table and reason. All multi-day bars share one table. `ids` null means all assets. */
export function countBarRejects(session: Session, ids: readonly number[] | null): Promise<ShownRows> {
  return session.query(
    `SELECT id, 'cmc_price_bars_1d' AS "table", reason, count(*) AS reject_count
     FROM cmc_price_bars_1d_rejects WHERE ${WANTED} GROUP BY id, reason
     UNION ALL SELECT id, table_name, violation_type, count(*)
     FROM cmc_price_bars_multi_tf_rejects WHERE ${WANTED} GROUP BY id, table_name, violation_type
     ORDER BY 1, 2, 4 DESC, 3`,
    [ids],
  );
}

/** Every reject of bars, by asset, table and time. */
export function readBarRejects(session: Session, ids: readonly number[] | null): Promise<ShownRows> {
  return session.query(
    `SELECT id, 'cmc_price_bars_1d' AS "table", '1D' AS tf, "timestamp", reason
     FROM cmc_price_bars_1d_rejects WHERE ${WANTED}
     UNION ALL SELECT id, table_name, tf, "timestamp", violation_type FROM cmc_price_bars_multi_tf_rejects WHERE ${WANTED}
     ORDER BY 1, 2, 3, 4, 5`,
    [ids],
  );
}

/** The columns by which rejects of EMAs can be counted. */
const REJECT_COLUMNS = { type: 'violation_type', tf: 'tf', period: 'period' } as const;

/** Counts the rejects of EMAs by asset and optionally by another column, highest count first. */
export function countEmaRejects(
  session: Session,
  ids: readonly number[] | null,
  by?: keyof typeof REJECT_COLUMNS,
): Promise<ShownRows> {
  const COLUMN = by === undefined ? '' : `, ${REJECT_COLUMNS[by]}`;
  return session.query(
    `SELECT id${COLUMN}, count(*) AS reject_count FROM ema_rejects WHERE ${WANTED}
     GROUP BY id${COLUMN} ORDER BY reject_count DESC, id${COLUMN}`,
    [ids],
  );
}

/** Every reject of EMAs with its values, by the key of the table. */
export function readEmaRejects(session: Session, ids: readonly number[] | null): Promise<ShownRows> {
  return session.query(
    `SELECT table_name AS "table", id, tf, period, "timestamp", violation_type, ema_value, source_bar_close, bounds_info
     FROM ema_rejects WHERE ${WANTED} ORDER BY id, table_name, tf, period, "timestamp", violation_type`,
    [ids],
  );
}

/** A reject to mark in a chart. */
export interface RejectMark {
  readonly ts: Date;
  readonly reason: string;
}

/** The rejects of an asset to mark: the newest ones, from an instant on or of all times. */
export interface RejectMarks {
  readonly id: number;
  readonly from: Date | null;
  readonly most: number;
}

/** Source rows that did not become a daily bar, newest first. */
export function readDayRejectMarks(session: Session, { id, from, most }: RejectMarks): Promise<RejectMark[]> {
  return session.query(
    `SELECT "timestamp" AS ts, reason FROM cmc_price_bars_1d_rejects
     WHERE id = $1 AND ($2::timestamptz IS NULL OR "timestamp" >= $2) ORDER BY "timestamp" DESC LIMIT $3`,
    [id, from, most],
  );
}

/** Bars of a table and timeframe that were repaired, the newest first. */
export function readBarRejectMarks(
  session: Session,
  { id, from, most }: RejectMarks,
  { table, tf }: { readonly table: string; readonly tf: string },
): Promise<RejectMark[]> {
  return session.query(
    `SELECT "timestamp" AS ts, violation_type || ': ' || repair_action AS reason FROM cmc_price_bars_multi_tf_rejects
     WHERE id = $1 AND table_name = $2 AND tf = $3 AND ($4::timestamptz IS NULL OR "timestamp" >= $4)
     ORDER BY "timestamp" DESC LIMIT $5`,
    [id, table, tf, from, most],
  );
}

/** EMAs of a timeframe that were out of bounds, the newest first. */
export function readEmaRejectMarks(
  session: Session,
  { id, from, most }: RejectMarks,
  {
    tables,
    tf,
    periods,
  }: { readonly tables: readonly string[]; readonly tf: string; readonly periods: readonly number[] },
): Promise<RejectMark[]> {
  return session.query(
    `SELECT "timestamp" AS ts, table_name || ' period ' || period || ': ' || violation_type AS reason FROM ema_rejects
     WHERE id = $1 AND table_name = ANY ($2::text[]) AND tf = $3 AND period = ANY ($4::int[])
       AND ($5::timestamptz IS NULL OR "timestamp" >= $5)
     ORDER BY "timestamp" DESC LIMIT $6`,
    [id, tables, tf, periods, from, most],
  );
}
