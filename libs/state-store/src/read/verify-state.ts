import type { Session } from '../connect/database.ts';
import { BAR_TABLES } from '../tables/bar-tables.ts';

/** State and data that disagree. */
export interface StateDifference extends Record<string, unknown> {
  readonly table: string;
  readonly id: number;
  readonly tf: string | null;
  readonly field: string;
  readonly state: string | null;
  readonly actual: string | null;
}

const DAILY = `
  SELECT 'cmc_price_bars_1d_state' AS "table", coalesce(s.id, b.id) AS id, NULL::text AS tf, 'last_src_ts' AS field,
    s.last_src_ts::text AS state, b.last::text AS actual
  FROM cmc_price_bars_1d_state s
  FULL JOIN (SELECT id, max("timestamp") AS last FROM cmc_price_bars_1d GROUP BY id) b USING (id)
  WHERE s.last_src_ts IS DISTINCT FROM b.last`;

/** Bars: newest bar number per timeframe. */
function barsSql({ table, stateTable }: { table: string; stateTable: string }): string {
  return `
  SELECT '${stateTable}', coalesce(s.id, b.id), coalesce(s.tf, b.tf), 'last_bar_seq', s.last_bar_seq::text, b.seq::text
  FROM ${stateTable} s FULL JOIN (SELECT id, tf, max(bar_seq) AS seq FROM ${table} GROUP BY id, tf) b USING (id, tf)
  WHERE s.last_bar_seq IS DISTINCT FROM b.seq`;
}

const EMAS = `
  SELECT 'cmc_ema_state', coalesce(s.id, e.id), coalesce(s.tf, e.tf), 'last_canonical_ts ' || coalesce(s.src, e.src), s.last::text, e.last::text
  FROM (SELECT id, tf, alignment_source::text AS src, last_canonical_ts AS last FROM cmc_ema_state
        WHERE bars_seen >= periods[1] AND alignment_source <> 'multi_tf_v2') s
  FULL JOIN (SELECT id, tf, alignment_source::text AS src, max(ts) AS last FROM cmc_ema_multi_tf_u
        WHERE NOT roll AND alignment_source <> 'multi_tf_v2' GROUP BY id, tf, alignment_source) e USING (id, tf, src)
  WHERE s.last IS DISTINCT FROM e.last`;

/**
 * Rows where state and data disagree: empty when all is well. Whether states are in step with each other is not asked here.
 * @param ids the ids to look at; null for all
 */
export async function verifyRows(session: Session, ids: readonly number[] | null): Promise<StateDifference[]> {
  const parts = [DAILY, ...Object.values(BAR_TABLES).map(barsSql), EMAS];
  return session.query<StateDifference>(
    `SELECT * FROM (${parts.join('\n  UNION ALL ')}) v WHERE $1::int[] IS NULL OR id = ANY($1::int[]) ORDER BY 1, 2, 3, 4`,
    [ids === null ? null : [...ids]],
  );
}
