import type { Session } from '@ta/state-store';

/** What happened to a table so far, from `pg_stat_user_tables`. */
export interface TableActivity {
  readonly inserted: number;
  readonly updated: number;
  readonly deleted: number;
  /** Sequential and index scans. */
  readonly scans: number;
  /** Rows read by either. */
  readonly rowsRead: number;
}

/** Name of the whole table, to which the figures of its partitions by id are added. */
const WHOLE = `regexp_replace(relname, '_h[0-9]+_[0-9]+$', '')`;

/** Activity of every table by name. That of connections that are still open may be incomplete. */
export async function tableActivity(session: Session): Promise<Map<string, TableActivity>> {
  const rows = await session.query<TableActivity & { name: string }>(
    `SELECT ${WHOLE} AS name, sum(n_tup_ins)::float8 AS inserted, sum(n_tup_upd)::float8 AS updated,
       sum(n_tup_del)::float8 AS deleted, sum(seq_scan + coalesce(idx_scan, 0))::float8 AS scans,
       sum(seq_tup_read + coalesce(idx_tup_fetch, 0))::float8 AS "rowsRead"
     FROM pg_stat_user_tables WHERE schemaname = 'public' GROUP BY 1`,
  );
  return new Map(rows.map(({ name, ...activity }) => [name, activity]));
}

/** What happened between two readings; tables without activity are left out. */
export function activityBetween(
  before: ReadonlyMap<string, TableActivity>,
  after: ReadonlyMap<string, TableActivity>,
): Map<string, TableActivity> {
  const changed = new Map<string, TableActivity>();
  for (const [name, now] of after) {
    const then = before.get(name);
    const since = (part: keyof TableActivity): number => now[part] - (then?.[part] ?? 0);
    const activity = {
      inserted: since('inserted'),
      updated: since('updated'),
      deleted: since('deleted'),
      scans: since('scans'),
      rowsRead: since('rowsRead'),
    };
    if (Object.values(activity).some((count) => count !== 0)) changed.set(name, activity);
  }
  return changed;
}

/** Bytes of tables and of their indexes, by table name. */
export async function tableSizes(session: Session): Promise<Map<string, { heapBytes: number; indexBytes: number }>> {
  const rows = await session.query<{ name: string; heap: number; index: number }>(
    `SELECT ${WHOLE} AS name, sum(pg_table_size(oid))::float8 AS heap, sum(pg_indexes_size(oid))::float8 AS index
     FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace GROUP BY 1`,
  );
  return new Map(rows.map(({ name, heap, index }) => [name, { heapBytes: heap, indexBytes: index }]));
}
