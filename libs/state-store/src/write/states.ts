import type { BarFamily } from '@ta/bars-core/engine';
import type { Session } from '../connect/database.ts';
import { createCopyEncoder } from '../copy/encode.ts';
import type { FieldData } from '../copy/field-data.ts';
import { copyInSql, quoteLiteral, type CopyLayout } from '../copy/layout.ts';
import { BAR_STATE_COLUMNS, type BarStateRow } from '../read/bar-states.ts';
import { copyQuery } from '../read/copy-select.ts';
import { andTfs, idSql, whereIds } from '../sql-conditions.ts';
import { EMA_STATE_COLUMNS, type EmaStateRow } from '../read/ema-states.ts';
import { BAR_TABLES } from '../tables/bar-tables.ts';
import { EMA_STATE_LAYOUT, type EmaTable } from '../tables/ema-tables.ts';
import { inLayoutOrder, required } from '../tables/keyed-table.ts';
import { sealed } from '../tables/state-seal.ts';

/** COPY columns of states, from the properties of the rows. */
function columnsOf<Row extends object>(
  { fields }: CopyLayout,
  columns: Readonly<Record<string, string>>,
  rows: readonly Row[],
): Record<string, FieldData> {
  const types = new Map(fields.map(({ column, type }) => [column, type]));
  return Object.fromEntries(
    Object.entries(columns).map(([property, column]): [string, FieldData] => {
      const values = rows.map((row) => row[property as keyof Row] as unknown);
      if (types.get(column) === 'text') return [column, { strings: values as string[] }];
      if (types.get(column) === 'int4[]')
        return [column, { arrays: (values as number[][]).map((one) => Int32Array.from(one)) }];
      return [column, { numbers: Float64Array.from(values as (number | null)[], (value) => value ?? NaN) }];
    }),
  );
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
  await session.later(copyInSql(layout), [createCopyEncoder(layout).encode(data, rows.length)]);
}

/**
 * Replaces the states of the given timeframes, of one id in one family. The states of other timeframes stay; without rows nothing
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
  const tfs = rows.map(({ tf }) => quoteLiteral(tf));
  await session.later(
    `DELETE FROM ${BAR_TABLES[family].stateTable} WHERE id = ${idSql(id)} AND tf IN (${tfs.join(', ')})`,
  );
  await copyRows(session, layout, { id: { constant: id }, ...columnsOf(layout, BAR_STATE_COLUMNS, rows) }, rows);
}

/** Deletes states of one id in one family, of some timeframes or of all; returns their number. */
export async function deleteBarStates(
  session: Session,
  family: BarFamily,
  id: number,
  tfs?: readonly string[],
): Promise<number> {
  return session.run(`DELETE FROM ${BAR_TABLES[family].stateTable} WHERE id = ${idSql(id)} ${andTfs(tfs)}`);
}

/**
 * Replaces the states of the given tables and timeframes, of one id. Other states stay; without rows nothing happens (see
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
  const written = rows.map(({ tf }, i) => `(${quoteLiteral(tables[i])}::ema_alignment_source, ${quoteLiteral(tf)})`);
  await session.later(
    `DELETE FROM cmc_ema_state WHERE id = ${idSql(id)} AND (alignment_source, tf) IN (${written.join(', ')})`,
  );
  const columns = columnsOf(EMA_STATE_LAYOUT, EMA_STATE_COLUMNS, rows);
  await copyRows(
    session,
    EMA_STATE_LAYOUT,
    {
      ...{ id: { constant: id }, alignment_source: { strings: tables } },
      ...{ ...columns, last_time_close: columns['last_canonical_ts'], last_bar_seq: { constant: null } },
    },
    rows,
  );
}

/** Deletes states of one id in one EMA table, of some timeframes or of all; returns their number. */
export async function deleteEmaStates(
  session: Session,
  table: EmaTable,
  id: number,
  tfs?: readonly string[],
): Promise<number> {
  return session.run(
    `DELETE FROM cmc_ema_state WHERE id = ${idSql(id)} AND alignment_source = $1::text::ema_alignment_source ${andTfs(tfs)}`,
    [table],
  );
}

/**
 * Makes sure that the id has its row in `cmc_ema_refresh_state` and returns the row's stamp. A row that was deleted is created
 * with a new stamp, so all EMAs of the id whose states have another stamp are rebuilt (docs/state-management.md).
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
 * smallest of the four calendar tables (docs/state-management.md#what-is-stored). For an id without that row nothing is done.
 */
export async function saveEmaWatermarks(session: Session, id: number): Promise<void> {
  const least = (condition: string) => `min(last_ts) FILTER (WHERE alignment_source ${condition})`;
  await session.later(
    `UPDATE cmc_ema_refresh_state r
     SET last_load_ts_daily = w.daily, last_load_ts_multi = w.multi, last_load_ts_cal = w.cal, updated_at = now()
     FROM (SELECT ${least(`= 'multi_tf_v2'`)} AS daily, ${least(`= 'multi_tf'`)} AS multi,
             ${least(`NOT IN ('multi_tf_v2', 'multi_tf')`)} AS cal
           FROM cmc_ema_state WHERE id = ${idSql(id)}) w
     WHERE r.id = ${idSql(id)} AND (r.last_load_ts_daily, r.last_load_ts_multi, r.last_load_ts_cal)
       IS DISTINCT FROM (w.daily, w.multi, w.cal)`,
  );
}

/**
 * Deletes the state of daily bars, so that the next run rebuilds all bars and EMAs of these ids (docs/operations.md). The rows
 * stay.
 */
export async function resetBarState(session: Session, ids: readonly number[]): Promise<number> {
  return session.run(`DELETE FROM cmc_price_bars_1d_state ${whereIds(ids)}`);
}

/** Deletes the EMA state of these ids, so that the next run rebuilds their EMAs (docs/operations.md#state). The rows stay. */
export async function resetEmaState(session: Session, ids: readonly number[]): Promise<number> {
  return session.run(`DELETE FROM cmc_ema_refresh_state ${whereIds(ids)}`);
}
