import type { Session } from '../connect/database.ts';
import { isBeyondSql } from '../instant-range.ts';
import { whereIds } from '../sql-conditions.ts';
import { readObjects, type RowColumns } from './copy-select.ts';

/** A source that differs from the state although the invalidation log has no entry for that. */
export interface UntracedChange {
  readonly id: number;
  /** The instant from which the source has to be read again, and the newest source row, epoch ms. */
  readonly fromTs: number;
  readonly lastTs: number;
  /** Number of source rows at or before the watermark, now and in the state. */
  readonly rowsNow: number;
  readonly rowsInState: number | null;
  /** Number of source rows that are neither a bar nor a reject; if negative, of bars and rejects without a source row. */
  readonly unaccounted: number;
  /** Whether rows were loaded after the newest load time in the state. */
  readonly hasNewerLoad: boolean;
}

/**
 * Compares the row counts, the oldest row and the newest load time in the state with the source. A change that is not in the log
 * was made while the triggers were disabled. Reads the whole source of the ids.
 *
 * An UPDATE without triggers that does not change `load_ts` is not detected.
 */
export async function readUntracedChanges(session: Session, ids: readonly number[]): Promise<UntracedChange[]> {
  return readObjects(session, 'untraced changes', COLUMNS, (columns) => selectSql(columns, ids));
}

const COLUMNS: RowColumns<UntracedChange> = {
  id: ['int4', 'f.id'],
  fromTs: ['timestamptz', 'f."from"'],
  lastTs: ['timestamptz', 'greatest(f."from", f.last)'],
  rowsNow: ['int8', 'f.n_before'],
  rowsInState: ['int8?', 'f.src_row_count'],
  unaccounted: ['int8', 'f.unaccounted'],
  hasNewerLoad: ['bool', 'f.first_newer IS NOT NULL'],
};

/** Load times in the state were rounded when they were converted to numbers, so differences below a millisecond are ignored. */
const selectSql = (columns: string, ids: readonly number[]) => `
  WITH s AS (SELECT * FROM cmc_price_bars_1d_state ${whereIds(ids)}),
  h AS (
    SELECT s.id, count(p.id) AS n, min(p."timestamp") FILTER (WHERE NOT ${isBeyondSql('p."timestamp"')}) AS first,
      max(p."timestamp") FILTER (WHERE NOT ${isBeyondSql('p."timestamp"')}) AS last,
      count(*) FILTER (WHERE p."timestamp" <= s.last_src_ts) AS n_before,
      min(p."timestamp") FILTER (WHERE p.load_ts > s.src_max_load_ts + interval '1 millisecond' AND NOT ${isBeyondSql('p.load_ts')}
        AND NOT ${isBeyondSql('p."timestamp"')}) AS first_newer
    FROM s LEFT JOIN cmc_price_histories7 p USING (id) GROUP BY s.id
  ),
  b AS (SELECT s.id, count(x.id) AS n FROM s LEFT JOIN cmc_price_bars_1d x USING (id) GROUP BY s.id),
  r AS (
    SELECT s.id, count(x.id) FILTER (WHERE y.id IS NULL) AS n
    FROM s LEFT JOIN cmc_price_bars_1d_rejects x ON x.id = s.id
      LEFT JOIN cmc_price_bars_1d y ON y.id = x.id AND y."timestamp" = x."timestamp"
    GROUP BY s.id
  ),
  c AS (SELECT id, min(first_ts) AS first FROM cmc_price_histories7_changes GROUP BY id),
  found AS (
    SELECT s.id, h.n_before, s.src_row_count, h.n - b.n - r.n AS unaccounted, h.first_newer,
      coalesce(h.last, s.last_src_ts, s.daily_min_seen) AS last,
      CASE WHEN h.n_before IS DISTINCT FROM s.src_row_count OR h.n <> b.n + r.n OR h.first IS DISTINCT FROM s.daily_min_seen
        THEN coalesce(least(h.first, s.daily_min_seen), s.last_src_ts) ELSE h.first_newer END AS "from"
    FROM s JOIN h USING (id) JOIN b USING (id) JOIN r USING (id)
  )
  SELECT ${columns} FROM found f LEFT JOIN c USING (id)
  WHERE f."from" IS NOT NULL AND (c.first IS NULL OR c.first > f."from") ORDER BY f.id`;
