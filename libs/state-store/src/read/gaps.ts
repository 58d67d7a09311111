import type { Session } from '../connect/database.ts';
import { WANTED } from './wanted.ts';

/** Days between two daily bars of an asset, in the zone the bars were built in. */
export interface Gap {
  readonly id: number;
  readonly last_bar_before: Date;
  readonly first_bar_after: Date;
  /** First and last day without a bar, `YYYY-MM-DD`. */
  readonly first_day: string;
  readonly last_day: string;
}

/** The number of gaps in the daily bars of each asset; assets without gaps are left out. `ids` null means all assets. */
export function countGaps(
  session: Session,
  ids: readonly number[] | null,
): Promise<{ id: number; gap_count: number }[]> {
  return session.query(
    `SELECT id, count(*) FILTER (WHERE is_missing_days) AS gap_count
     FROM cmc_price_bars_1d WHERE ${WANTED}
     GROUP BY id HAVING count(*) FILTER (WHERE is_missing_days) > 0 ORDER BY id`,
    [ids],
  );
}

/** The gaps in the daily bars, by asset and time. `ids` null means all assets. */
export function readGaps(session: Session, ids: readonly number[] | null): Promise<Gap[]> {
  return session.query(
    `SELECT id, before AS last_bar_before, "timestamp" AS first_bar_after, (day_before + 1)::text AS first_day, (day - 1)::text AS last_day
     FROM (
       SELECT id, "timestamp", day, is_missing_days, lag("timestamp") OVER asset AS before, lag(day) OVER asset AS day_before
       FROM cmc_price_bars_1d WHERE ${WANTED}
       WINDOW asset AS (PARTITION BY id ORDER BY "timestamp")
     ) g WHERE is_missing_days ORDER BY id, "timestamp"`,
    [ids],
  );
}
