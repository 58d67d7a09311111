import type { Session } from '../connect/database.ts';
import { isBeyondSql } from '../instant-range.ts';
import { nullable, required } from '../tables/keyed-table.ts';
import { copyQuery, nullIfNaN, whereIds } from './copy-select.ts';

/** A source that does not agree with the state, and of whose change the invalidation log knows nothing. */
export interface UntracedChange {
  readonly id: number;
  /** From where on the source has to be read again, epoch ms; and its newest row. */
  readonly fromTs: number;
  readonly lastTs: number;
  /** Source rows at or before the watermark, now and as the state has them. */
  readonly rowsNow: number;
  readonly rowsInState: number | null;
  /** Source rows that are neither a bar nor a reject (negative: bars without a source row). */
  readonly unaccounted: number;
  /** Whether rows were loaded after the newest load time in the state. */
  readonly hasNewerLoad: boolean;
}

/**
 * Compares the counters and the newest load time in the state with the source: what differs and is
 * not covered by the log was changed while the triggers were off. Reads the whole source of the ids.
 *
 * An UPDATE without triggers that leaves `load_ts` as it was cannot be seen this way.
 */
export async function readUntracedChanges(session: Session, ids: readonly number[]): Promise<UntracedChange[]> {
  const rows = await copyQuery(
    session,
    'untraced changes',
    [
      ...required('int4', 'id'),
      ...required('timestamptz', 'from', 'last'),
      ...required('int8', 'now'),
      ...nullable('int8', 'state'),
      ...required('int8', 'unaccounted'),
      ...required('bool', 'newer'),
    ],
    selectSql(ids),
  );
  const columns = { id: 'id', fromTs: 'from', lastTs: 'last', rowsNow: 'now', unaccounted: 'unaccounted' };
  const [state, newer] = [rows.number('state'), rows.number('newer')];
  return rows
    .objects<Omit<UntracedChange, 'rowsInState' | 'hasNewerLoad'>>(columns)
    .map((change, i) => ({ ...change, rowsInState: nullIfNaN(state[i]), hasNewerLoad: newer[i] === 1 }));
}

/** A stamp in the state went through a number, so a difference below a millisecond does not count. */
const selectSql = (ids: readonly number[]) => `
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
  SELECT f.id, f."from", greatest(f."from", f.last), f.n_before, f.src_row_count, f.unaccounted, f.first_newer IS NOT NULL
  FROM found f LEFT JOIN c USING (id)
  WHERE f."from" IS NOT NULL AND (c.first IS NULL OR c.first > f."from") ORDER BY f.id`;
