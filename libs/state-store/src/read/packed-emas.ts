import type { Session } from '../connect/database.ts';
import type { ArrayCells, ColumnTable } from '../copy/column-table.ts';
import { EMA_ROWS_LAYOUT } from '../tables/ema-tables.ts';
import { andBefore, andFrom, idSql, instantSql } from '../sql-conditions.ts';
import { copyQuery, copyTable } from './copy-select.ts';
import { readSpan, type RowSpan } from './keyed-rows.ts';

/** The selection of {@link readPackedEmas}. */
export interface PackedEmasRequest {
  readonly id: number;
  /** Numbers of the series to read. */
  readonly series: readonly number[];
  /** Only rows at or after this instant, epoch ms. */
  readonly fromTs?: number;
  /** Only rows before this instant, epoch ms. */
  readonly untilTs?: number;
  /** Excludes rows from one instant (inclusive) to another (exclusive), epoch ms. */
  readonly without?: { readonly fromTs: number; readonly untilTs: number };
}

/** Packed rows as stored. */
export interface PackedEmas {
  readonly length: number;
  readonly series: Float64Array;
  /** Epoch ms. */
  readonly ts: Float64Array;
  /** 1 on previews, 0 on the close of a bar. */
  readonly roll: Float64Array;
  /** For each row the values of the periods of its series; the last ones may be missing. */
  readonly ema: ArrayCells;
  readonly emaBar: ArrayCells;
}

/**
 * Reads packed rows of one asset in one binary COPY, in the order of their key (series, instant). This is much cheaper than
 * reading the views.
 * @throws StoreError
 */
export async function readPackedEmas(session: Session, request: PackedEmasRequest): Promise<PackedEmas> {
  return packedColumns(await readPackedRows(session, request));
}

/** The same rows as a table with named columns, without `id`. @throws StoreError */
export async function readPackedRows(
  session: Session,
  { id, series, fromTs, untilTs, without }: PackedEmasRequest,
): Promise<ColumnTable> {
  const layout = { table: EMA_ROWS_LAYOUT.table, fields: PACKED_FIELDS };
  const where = `WHERE id = ${idSql(id)} AND series = ANY (${numbersSql(series)})`;
  const bounds = `${andFrom('ts', fromTs)} ${andBefore('ts', untilTs)}`;
  const gap =
    without === undefined ? '' : `AND (ts < ${instantSql(without.fromTs)} OR ts >= ${instantSql(without.untilTs)})`;
  return copyTable(session, layout, `${where} ${bounds} ${gap} ORDER BY id, series, ts`);
}

/**
 * Reads for each series the two rows and the two canonical rows before an instant, which are needed for the differences of the
 * next rows. Ascending by series and instant.
 * @throws StoreError
 */
export async function readPackedEmasBefore(
  session: Session,
  { id, series }: Pick<PackedEmasRequest, 'id' | 'series'>,
  beforeTs: number,
): Promise<PackedEmas> {
  const before = (more: string) => `(SELECT r.ts, r.roll, r.ema, r.ema_bar FROM ${EMA_ROWS_LAYOUT.table} r
    WHERE r.id = ${idSql(id)} AND r.series = s.series AND r.ts < ${instantSql(beforeTs)} ${more} ORDER BY r.ts DESC LIMIT 2)`;
  const rows = await copyQuery(
    session,
    EMA_ROWS_LAYOUT.table,
    PACKED_FIELDS,
    `SELECT r.ts, s.series, r.roll, r.ema, r.ema_bar FROM unnest(${numbersSql(series)}) s (series)
     CROSS JOIN LATERAL (${before('')} UNION ${before('AND r.roll = false')}) r ORDER BY s.series, r.ts`,
  );
  return packedColumns(rows);
}

/** Reads the first and last instant of some series of an asset. */
export function readPackedEmaSpan(
  session: Session,
  { id, series }: Pick<PackedEmasRequest, 'id' | 'series'>,
): Promise<RowSpan> {
  const end = (order: 'ASC' | 'DESC') =>
    `(SELECT r.ts FROM ${EMA_ROWS_LAYOUT.table} r WHERE r.id = $1 AND r.series = s.series ORDER BY r.ts ${order} LIMIT 1)`;
  const sql = `SELECT min(${end('ASC')}) AS first, max(${end('DESC')}) AS last FROM unnest($2::int2[]) s (series)`;
  return readSpan(session, sql, [id, [...series]]);
}

const PACKED_FIELDS = EMA_ROWS_LAYOUT.fields.filter(({ column }) => column !== 'id');

function numbersSql(series: readonly number[]): string {
  return `'{${series.map(Math.trunc).join(',')}}'::int2[]`;
}

function packedColumns(rows: ColumnTable): PackedEmas {
  return {
    length: rows.length,
    series: rows.number('series'),
    ts: rows.number('ts'),
    roll: rows.number('roll'),
    ema: rows.cells('ema'),
    emaBar: rows.cells('ema_bar'),
  };
}
