import type { Session } from '../connect/database.ts';
import { WANTED, type ShownRows } from './wanted.ts';

/** The state of the daily bars of each asset, most recently refreshed assets first. `ids` null means all assets. */
export function readDailyWatermarks(session: Session, ids: readonly number[] | null): Promise<ShownRows> {
  return session.query(
    `SELECT id, last_src_ts, last_run_ts, last_upserted, last_rejected, daily_min_seen, src_row_count, tz
     FROM cmc_price_bars_1d_state WHERE ${WANTED} ORDER BY last_run_ts DESC, id`,
    [ids],
  );
}

/** The daily bar up to which the EMAs of each asset were computed. */
export function readEmaWatermarks(session: Session, ids: readonly number[] | null): Promise<ShownRows> {
  return session.query(
    `SELECT id, last_load_ts_multi, last_load_ts_cal, last_load_ts_daily FROM cmc_ema_refresh_state WHERE ${WANTED} ORDER BY id`,
    [ids],
  );
}

/** The daily bar up to which EMAs were computed, by asset, table and timeframe. */
export function readEmaWatermarksByTimeframe(session: Session, ids: readonly number[] | null): Promise<ShownRows> {
  return session.query(
    `SELECT id, alignment_source, tf, array_length(periods, 1) AS periods, rows_seen, bars_seen, last_ts, last_canonical_ts
     FROM cmc_ema_state WHERE ${WANTED} ORDER BY id, alignment_source, tf`,
    [ids],
  );
}

/** The number of daily bars and of EMA values of each asset; the EMAs of all six tables are counted. */
export function countRowsByAsset(session: Session, ids: readonly number[] | null): Promise<ShownRows> {
  return session.query(
    `SELECT a.id, coalesce(b.n, 0) AS bars_1d, coalesce(e.n, 0) AS emas FROM dim_assets a
     LEFT JOIN (SELECT id, count(*) AS n FROM cmc_price_bars_1d WHERE ${WANTED} GROUP BY id) b ON b.id = a.id
     LEFT JOIN (SELECT id, count(*) AS n FROM cmc_ema_multi_tf_u WHERE ${WANTED} GROUP BY id) e ON e.id = a.id
     WHERE $1::int[] IS NULL OR a.id = ANY($1::int[]) ORDER BY a.id`,
    [ids],
  );
}

/** The newest row and the number of rows of each table, per asset. */
export function readTrustedThrough(session: Session, ids: readonly number[] | null): Promise<ShownRows> {
  return session.query(
    `SELECT "table", id, trusted_through, rows FROM (
       SELECT 'cmc_price_bars_1d' AS "table", id, max("timestamp") AS trusted_through, count(*) AS rows FROM cmc_price_bars_1d GROUP BY id
       UNION ALL SELECT 'cmc_price_bars_' || alignment_source::text, id, max(time_close), count(*)
         FROM cmc_price_bars_multi_tf_u GROUP BY alignment_source, id
       UNION ALL SELECT 'cmc_ema_' || alignment_source::text, id, max(ts), count(*)
         FROM cmc_ema_multi_tf_u GROUP BY alignment_source, id
     ) t WHERE ${WANTED} ORDER BY "table", id`,
    [ids],
  );
}

/** Rows, first and last instant of each table of bars and EMAs. */
export function readTableSpans(session: Session): Promise<ShownRows> {
  return session.query(
    `SELECT 'cmc_price_bars_1d' AS "table", count(*) AS rows, min("timestamp") AS first, max("timestamp") AS last FROM cmc_price_bars_1d
     UNION ALL SELECT 'cmc_price_bars_1d_rejects', count(*), min("timestamp"), max("timestamp") FROM cmc_price_bars_1d_rejects
     UNION ALL SELECT 'cmc_price_bars_' || alignment_source, count(*), min(time_close), max(time_close)
       FROM cmc_price_bars_multi_tf_u GROUP BY alignment_source
     UNION ALL SELECT 'cmc_ema_' || alignment_source, count(*), min(ts), max(ts)
       FROM cmc_ema_multi_tf_u GROUP BY alignment_source
     ORDER BY 1`,
  );
}
