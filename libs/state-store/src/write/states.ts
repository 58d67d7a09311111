import type { BarFamily } from '@ta/bars-core/engine';
import type { Session } from '../connect/database.ts';
import { createCopyEncoder } from '../copy/encode.ts';
import type { FieldData } from '../copy/field-data.ts';
import { copyInSql, type CopyLayout } from '../copy/layout.ts';
import type { BarStateRow } from '../read/bar-states.ts';
import { copyQuery, idSql, whereIds } from '../read/copy-select.ts';
import type { EmaStateRow } from '../read/ema-states.ts';
import { BAR_TABLES } from '../tables/bar-tables.ts';
import { EMA_STATE_LAYOUT, type EmaTable } from '../tables/ema-tables.ts';
import { inLayoutOrder, required } from '../tables/keyed-table.ts';
import { sealed } from '../tables/state-seal.ts';

/** A column of one number per row, where null and NaN are NULL. */
function numbers<T>(rows: readonly T[], value: (row: T) => number | null | undefined): FieldData {
  return { numbers: Float64Array.from(rows, (row) => value(row) ?? NaN) };
}

function strings<T>(rows: readonly T[], value: (row: T) => string): FieldData {
  return { strings: rows.map(value) };
}

async function copyRows(
  session: Session,
  layout: CopyLayout,
  columns: Readonly<Record<string, FieldData>>,
  rows: readonly { readonly resume: Float64Array }[],
): Promise<void> {
  const resume = sealed(
    layout,
    columns,
    rows.map((row) => row.resume),
  );
  const data = inLayoutOrder(layout, { ...columns, resume });
  await session.copyIn(copyInSql(layout), [createCopyEncoder(layout).encode(data, rows.length)]);
}

/**
 * Replaces the states of the timeframes given, of one id in one family. Other timeframes keep theirs; without rows nothing
 * happens (see {@link deleteBarStates}).
 */
export async function writeBarStates(
  session: Session,
  family: BarFamily,
  id: number,
  rows: readonly BarStateRow[],
): Promise<void> {
  if (rows.length === 0) return;
  const layout = BAR_TABLES[family].stateLayout;
  await deleteBarStates(
    session,
    family,
    id,
    rows.map(({ tf }) => tf),
  );
  const columns: Record<string, FieldData> = {
    id: { constant: id },
    tf: strings(rows, (row) => row.tf),
    tz: strings(rows, (row) => row.zone),
    spec: strings(rows, (row) => row.spec),
    daily_min_seen: numbers(rows, (row) => row.dailyMinTs),
    daily_max_seen: numbers(rows, (row) => row.dailyMaxTs),
    last_time_close: numbers(rows, (row) => row.lastCloseTs),
    last_bar_seq: numbers(rows, (row) => row.lastBarSeq),
    rows_seen: numbers(rows, (row) => row.rowsSeen),
    src_revision: numbers(rows, (row) => row.sourceRevision),
    src_full_built_at: numbers(rows, (row) => row.sourceBuiltAtMs),
    full_built_at: numbers(rows, (row) => row.builtAtMs),
  };
  await copyRows(session, layout, columns, rows);
}

/** Deletes states of one id in one family, of some timeframes or of all; returns how many. */
export async function deleteBarStates(
  session: Session,
  family: BarFamily,
  id: number,
  tfs?: readonly string[],
): Promise<number> {
  return session.run(
    `DELETE FROM ${BAR_TABLES[family].stateTable} WHERE id = ${idSql(id)}
     ${tfs === undefined ? '' : 'AND tf = ANY($1::text[])'}`,
    tfs === undefined ? [] : [[...tfs]],
  );
}

/**
 * Replaces the states of the tables and timeframes given, of one id. Others stay; without rows nothing happens (see
 * {@link deleteEmaStates}).
 */
export async function writeEmaStates(
  session: Session,
  id: number,
  states: ReadonlyMap<EmaTable, readonly EmaStateRow[]>,
): Promise<void> {
  const rows = [...states.values()].flat();
  const tables = [...states].flatMap(([table, { length }]) => Array.from({ length }, () => table));
  if (rows.length === 0) return;
  await session.run(
    `DELETE FROM cmc_ema_state s USING unnest($1::text[]::ema_alignment_source[], $2::text[]) AS written (source, tf)
     WHERE s.id = ${idSql(id)} AND s.alignment_source = written.source AND s.tf = written.tf`,
    [tables, rows.map(({ tf }) => tf)],
  );
  const columns: Record<string, FieldData> = {
    id: { constant: id },
    alignment_source: { strings: tables },
    tf: strings(rows, (row) => row.tf),
    params_hash: strings(rows, (row) => row.paramsHash),
    periods: { arrays: rows.map((row) => Int32Array.from(row.periods)) },
    daily_min_seen: numbers(rows, (row) => row.dailyMinTs),
    daily_max_seen: numbers(rows, (row) => row.dailyMaxTs),
    last_ts: numbers(rows, (row) => row.lastTs),
    last_time_close: numbers(rows, (row) => row.lastCanonicalTs),
    last_canonical_ts: numbers(rows, (row) => row.lastCanonicalTs),
    last_bar_seq: numbers(rows, (row) => row.lastBarSeq),
    rows_seen: numbers(rows, (row) => row.rowsSeen),
    bars_seen: numbers(rows, (row) => row.barsSeen),
    src_revision: numbers(rows, (row) => row.sourceRevision),
    daily_full_built_at: numbers(rows, (row) => row.dailyBuiltAtMs),
    bars_full_built_at: numbers(rows, (row) => row.barsBuiltAtMs),
    reset_stamp: numbers(rows, (row) => row.resetStampMs),
  };
  await copyRows(session, EMA_STATE_LAYOUT, columns, rows);
}

/** Deletes states of one id in one EMA table, of some timeframes or of all; returns how many. */
export async function deleteEmaStates(
  session: Session,
  table: EmaTable,
  id: number,
  tfs?: readonly string[],
): Promise<number> {
  return session.run(
    `DELETE FROM cmc_ema_state WHERE id = ${idSql(id)} AND alignment_source = $1::text::ema_alignment_source
     ${tfs === undefined ? '' : 'AND tf = ANY($2::text[])'}`,
    tfs === undefined ? [table] : [table, [...tfs]],
  );
}

/**
 * Makes sure that the id has its row in `cmc_ema_refresh_state` and returns the row's stamp. A row that had been deleted
 * comes back with a new stamp, and every EMA state of the id that carries another one is rebuilt (docs/state-management.md).
 */
export async function openRefreshState(session: Session, id: number): Promise<number> {
  const stamp = async (): Promise<number | undefined> => {
    const select = `SELECT built_at FROM cmc_ema_refresh_state WHERE id = ${idSql(id)}`;
    const rows = await copyQuery(session, 'cmc_ema_refresh_state', required('timestamptz', 'built_at'), select);
    return rows.number('built_at')[0];
  };
  const known = await stamp();
  if (known !== undefined) return known;
  await session.run(`INSERT INTO cmc_ema_refresh_state (id) VALUES (${idSql(id)}) ON CONFLICT (id) DO NOTHING`);
  return (await stamp()) as number;
}

/**
 * Sets the watermarks of the id's `cmc_ema_refresh_state` row from its EMA states: daily = v2, multi = multi_tf, cal = the
 * smallest of the four calendar tables (docs/state-management.md#who-reads-what). An id without that row is left alone.
 */
export async function saveEmaWatermarks(session: Session, id: number): Promise<void> {
  const least = (condition: string) => `min(last_ts) FILTER (WHERE alignment_source ${condition})`;
  await session.run(
    `UPDATE cmc_ema_refresh_state r
     SET last_load_ts_daily = w.daily, last_load_ts_multi = w.multi, last_load_ts_cal = w.cal, updated_at = now()
     FROM (SELECT ${least(`= 'multi_tf_v2'`)} AS daily, ${least(`= 'multi_tf'`)} AS multi,
             ${least(`NOT IN ('multi_tf_v2', 'multi_tf')`)} AS cal
           FROM cmc_ema_state WHERE id = ${idSql(id)}) w
     WHERE r.id = ${idSql(id)} AND (r.last_load_ts_daily, r.last_load_ts_multi, r.last_load_ts_cal)
       IS DISTINCT FROM (w.daily, w.multi, w.cal)`,
  );
}

/** Forgets the state of daily bars: the next run rebuilds the whole chain of these ids (docs/operations.md). Data stay. */
export async function resetBarState(session: Session, ids: readonly number[]): Promise<number> {
  return session.run(`DELETE FROM cmc_price_bars_1d_state ${whereIds(ids)}`);
}

/** Forgets the EMA state of these ids: the next run rebuilds their EMAs (docs/operations.md#state). Data stay. */
export async function resetEmaState(session: Session, ids: readonly number[]): Promise<number> {
  return session.run(`DELETE FROM cmc_ema_refresh_state ${whereIds(ids)}`);
}
