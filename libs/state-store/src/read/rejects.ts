import type { Session } from '../connect/database.ts';
import { EARLIEST_INSTANT_SQL, LATEST_INSTANT_SQL } from '../instant-range.ts';
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
  /**
   * `day`: a source row that did not become a daily bar; `bar`: a bar that was repaired; `ema`: an EMA that was out of bounds.
   */
  readonly kind: 'day' | 'bar' | 'ema';
  readonly reason: string;
}

/** The rejects of an asset to mark: of each kind the newest ones, from an instant on or of all times. */
export interface RejectMarks {
  readonly id: number;
  readonly from: Date | null;
  readonly most: number;
  readonly tf: string;
  /** Table of multi-day bars; null for none. */
  readonly barTable: string | null;
  readonly emaTables: readonly string[];
  readonly periods: readonly number[];
}

/** Reads rejects to mark, ascending by instant; those of instants that no calendar has have no place. */
export function readRejectMarks(
  session: Session,
  { id, from, most, tf, barTable, emaTables, periods }: RejectMarks,
): Promise<RejectMark[]> {
  const newest = (kind: RejectMark['kind'], reason: string, table: string, condition: string) =>
    `(SELECT "timestamp" AS ts, '${kind}' AS kind, ${reason} AS reason FROM ${table}
      WHERE id = $1 AND "timestamp" BETWEEN coalesce($2, ${EARLIEST_INSTANT_SQL}) AND ${LATEST_INSTANT_SQL} ${condition} ORDER BY "timestamp" DESC LIMIT $3)`;
  const parts = [
    newest('day', 'reason::text', 'cmc_price_bars_1d_rejects', ''),
    newest(
      'bar',
      `violation_type || ': ' || repair_action`,
      'cmc_price_bars_multi_tf_rejects',
      'AND tf = $4 AND table_name = $5',
    ),
    newest(
      'ema',
      `table_name || ' period ' || period || ': ' || violation_type`,
      'ema_rejects',
      'AND tf = $4 AND table_name = ANY ($6::text[]) AND period = ANY ($7::int[])',
    ),
  ];
  const values = [id, from, most, tf, barTable, emaTables, periods];
  return session.query(`${parts.join(' UNION ALL ')} ORDER BY ts, kind, reason`, values);
}
