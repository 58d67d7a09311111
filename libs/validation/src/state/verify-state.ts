import { readStandings } from '@ta/pipeline';
import type { BarFamily } from '@ta/bars-core/engine';
import { BAR_TABLES, type Session } from '@ta/state-store';
import { behind, dailyDifferences, isLag, type Behind, type StateDifference } from './differences.ts';

/**
 * Lists where states disagree with the stored rows, where rows are missing between the first and the newest one, and where a
 * run would not continue from a state as it is. It does not list tables that were never built, nor EMAs that are only behind
 * their bars.
 *
 * @param ids the ids to check; null for all
 */
export async function verifyState(session: Session, ids: readonly number[] | null): Promise<StateDifference[]> {
  const states = [
    'cmc_price_bars_1d_state',
    ...Object.values(BAR_TABLES).map(({ stateTable }) => stateTable),
    'cmc_ema_state',
  ];
  const rows = await session.query<{ id: number }>(
    `SELECT id FROM (${states.map((table) => `SELECT id FROM ${table}`).join(' UNION ')}) s
     WHERE $1::int[] IS NULL OR id = ANY ($1::int[]) ORDER BY id`,
    [ids === null ? null : [...ids]],
  );
  const found: StateDifference[] = [];
  const tables = new Set<string>();
  const known = rows.map(({ id }) => id);
  for await (const standing of readStandings(session, known, { isInFull: true })) {
    found.push(...dailyDifferences(standing));
    for (const late of behind(standing)) {
      const { component, name, table, id, tf, fields } = late;
      tables.add(`${id} ${rowsOf(component, name)}`);
      if (isLag(late)) continue;
      const suffix = component === 'emas' ? ` ${name}` : '';
      found.push(
        ...fields.map(({ field, state, actual }) => ({ table, id, tf, field: field + suffix, state, actual })),
      );
    }
  }
  // the number of rows of a table that is behind is compared only after a run has updated it
  const isCounted = ({ id, table, field }: StateDifference) =>
    !field.startsWith(SINCE) || !tables.has(`${id} ${table}`);
  return [...(await verifyRows(session, ids)).filter(isCounted), ...found];
}

function rowsOf(component: Behind['component'], name: string): string {
  return component === 'emas' ? `cmc_ema_${name}` : BAR_TABLES[name as BarFamily].table;
}

/** Names of fields that compare a number of rows with the daily bars begin like this. */
export const SINCE = 'rows since the first';

const WANTED = '($1::int[] IS NULL OR id = ANY ($1::int[]))';
/** Daily bars: the newest one, and a bar or a reject of each source row that was processed. */
const DAILY_ROWS = `
  SELECT 'cmc_price_bars_1d_state' AS "table", coalesce(s.id, b.id) AS id, NULL::text AS tf, 'last_src_ts' AS field,
    s.last_src_ts::text AS state, b.last::text AS actual
  FROM (SELECT * FROM cmc_price_bars_1d_state WHERE ${WANTED}) s
  FULL JOIN (SELECT id, max(ts) AS last FROM days GROUP BY id) b USING (id)
  WHERE s.last_src_ts IS DISTINCT FROM b.last
  UNION ALL
  SELECT 'cmc_price_bars_1d', s.id, NULL, 'rows', s.src_row_count::text, r.n::text
  FROM cmc_price_bars_1d_state s
  JOIN (SELECT s.id, count(x.id) AS n
        FROM (SELECT id, last_src_ts FROM cmc_price_bars_1d_state WHERE ${WANTED}) s
        LEFT JOIN (SELECT id, "timestamp" AS ts FROM cmc_price_bars_1d UNION SELECT id, "timestamp" FROM cmc_price_bars_1d_rejects) x
          ON x.id = s.id AND x.ts <= s.last_src_ts GROUP BY s.id) r ON r.id = s.id
  WHERE s.src_row_count <> r.n`;

/** The number of daily bars from the first to the last row of `g`, which is the number of rows that it must have. */
const EXPECTED = 'l.n - f.n + 1';
const JOINED = `JOIN days f ON f.id = g.id AND f.ts = g.first JOIN days l ON l.id = g.id AND l.ts = g.last WHERE g.n <> ${EXPECTED}`;

/** Bars: the newest number of each timeframe, and a row for each daily bar from the first one on. */
function barRows({ table, stateTable }: { table: string; stateTable: string }): string {
  const stored = `(SELECT id, tf, max(bar_seq) AS seq, count(*) AS n, min(time_close) AS first, max(time_close) AS last
      FROM ${table} WHERE ${WANTED} GROUP BY id, tf)`;
  return `
  SELECT '${stateTable}', coalesce(s.id, b.id), coalesce(s.tf, b.tf), 'last_bar_seq', s.last_bar_seq::text, b.seq::text
  FROM (SELECT * FROM ${stateTable} WHERE ${WANTED}) s FULL JOIN ${stored} b USING (id, tf)
  WHERE s.last_bar_seq IS DISTINCT FROM b.seq
  UNION ALL
  SELECT '${table}', g.id, g.tf, '${SINCE}', (${EXPECTED})::text, g.n::text FROM ${stored} g ${JOINED}`;
}

/** EMAs: the newest canonical row of each timeframe, the newest row, and one for each daily bar from the first one on. */
const EMA_ROWS = `
  SELECT 'cmc_ema_state', coalesce(s.id, e.id), coalesce(s.tf, e.tf), 'last_canonical_ts ' || coalesce(s.src, e.src), s.last::text, e.last::text
  FROM (SELECT id, tf, alignment_source::text AS src, last_canonical_ts AS last FROM cmc_ema_state
        WHERE ${WANTED} AND bars_seen >= periods[1] AND alignment_source <> 'multi_tf_v2') s
  FULL JOIN (SELECT id, tf, src, max(canonical) AS last FROM emas
        WHERE src <> 'multi_tf_v2' GROUP BY id, tf, src HAVING max(canonical) IS NOT NULL) e USING (id, tf, src)
  WHERE s.last IS DISTINCT FROM e.last
  UNION ALL
  SELECT 'cmc_ema_' || g.src, g.id, g.tf, '${SINCE} of period ' || g.period, (${EXPECTED})::text, g.n::text FROM emas g ${JOINED}
  UNION ALL
  SELECT 'cmc_ema_state', e.id, e.tf, 'last_ts ' || e.src, s.last_ts::text, e.last::text
  FROM (SELECT id, tf, src, min(last) AS last FROM emas GROUP BY id, tf, src) e
  JOIN cmc_ema_state s ON s.id = e.id AND s.tf = e.tf AND s.alignment_source::text = e.src
  WHERE s.last_ts IS DISTINCT FROM e.last`;

/** The daily bars, counted from the first one on. */
const DAYS = `days AS MATERIALIZED (
  SELECT id, "timestamp" AS ts, row_number() OVER (PARTITION BY id ORDER BY "timestamp") AS n FROM cmc_price_bars_1d WHERE ${WANTED})`;
const EMAS = `emas AS MATERIALIZED (
  SELECT id, tf, alignment_source::text AS src, period, count(*) AS n, min(ts) AS first, max(ts) AS last,
    max(ts) FILTER (WHERE NOT roll) AS canonical
  FROM cmc_ema_multi_tf_u WHERE ${WANTED} GROUP BY id, tf, alignment_source, period)`;

/**
 * Lists where state and data disagree, or rows are missing. Whether states are in step with each other is not checked here; only
 * fields that begin with {@link SINCE} compare a table with the daily bars.
 *
 * @param ids the ids to check; null for all
 */
export async function verifyRows(session: Session, ids: readonly number[] | null): Promise<StateDifference[]> {
  const parts = [DAILY_ROWS, ...Object.values(BAR_TABLES).map(barRows), EMA_ROWS];
  return session.query<StateDifference>(
    `WITH ${DAYS}, ${EMAS} SELECT * FROM (${parts.join('\n  UNION ALL ')}) v ORDER BY 1, 2, 3, 4`,
    [ids === null ? null : [...ids]],
  );
}
