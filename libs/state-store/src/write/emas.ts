import type { Session } from '../connect/database.ts';
import type { FieldData } from '../copy/field-data.ts';
import { instantText } from '../instant-text.ts';
import { andSince, andTfs, idSql, instantSql } from '../sql-conditions.ts';
import { EMA_ROWS_LAYOUT, type EmaTable } from '../tables/ema-tables.ts';
import type { TailCut } from './bars.ts';
import { insertChunks, type BuiltColumns, type SelectedRows } from './insert-rows.ts';

/** Packed rows of some series over a part of the grid of daily rows. */
export interface PackedChunk extends SelectedRows {
  readonly lanes: readonly { readonly series: number }[];
  /** First grid row, and the row after the last one. */
  readonly from: number;
  readonly until: number;
  /** Number of places per lane; the place of a grid row is `lane · rowsOfLane + row − from`. */
  readonly rowsOfLane: number;
  /** Series and instant (epoch ms) of each place. */
  readonly series: Int32Array;
  readonly ts: Float64Array;
  /** Number of values of each place; 0 if there is no row. */
  readonly lengths: Int32Array;
}

/** The columns of packed rows. @param block values of the rows; `emaBar` is empty if the table has no second series */
export function packedColumns(
  id: number,
  { ts, series, lengths }: Pick<PackedChunk, 'ts' | 'series' | 'lengths'>,
  block: {
    readonly roll: Uint8Array;
    readonly ema: Float64Array;
    readonly emaBar: Float64Array;
    readonly stride: number;
  },
): BuiltColumns {
  const slices = (values: Float64Array): FieldData => ({ slices: values, width: block.stride, lengths });
  return {
    ts: { numbers: ts },
    id: { constant: id },
    series: { numbers: series },
    roll: { numbers: block.roll },
    ema: slices(block.ema),
    ema_bar: block.emaBar.length > 0 ? slices(block.emaBar) : { constant: null },
  };
}

/** Copies packed rows in, each chunk in key order, and returns the number of values. @throws StoreError */
export async function writeEmas(
  session: Session,
  chunks: Iterable<SelectedRows & Pick<PackedChunk, 'lengths'>>,
): Promise<number> {
  let written = 0;
  function* counted(): Generator<SelectedRows> {
    for (const chunk of chunks) {
      written += countValues(chunk.lengths, chunk.select);
      yield chunk;
    }
  }
  await insertChunks(session, EMA_ROWS_LAYOUT, counted());
  return written;
}

/** The number of values in some packed rows; each value is one row of the EMA table, which is a view. */
export function countValues(lengths: Int32Array, places: Int32Array): number {
  return places.reduce((sum, place) => sum + lengths[place], 0);
}

/**
 * Deletes EMAs of one id and returns the number of deleted values (rows of the EMA table); `writeEmaRejects` deletes their
 * rejects.
 */
export async function deleteEmas(session: Session, table: EmaTable, id: number, cut: TailCut): Promise<number> {
  if (cut.tfs?.length === 0) return 0;
  return deletePacked(
    session,
    id,
    `${andSince('ts', cut)} AND series = ANY (ARRAY(
       SELECT series FROM ema_series WHERE alignment_source = $1::text::ema_alignment_source
       ${andTfs(cut.tfs)}))`,
    [table],
  );
}

/** A run of consecutive packed rows of one series, by the instants of its first and last row, epoch ms. */
export interface PackedRun {
  readonly series: number;
  readonly firstTs: number;
  lastTs: number;
}

/** Deletes runs of packed rows of one id and returns the number of deleted values. */
export async function deleteEmaRuns(session: Session, id: number, runs: readonly PackedRun[]): Promise<number> {
  if (runs.length === 0) return 0;
  const firsts = runs.map(({ firstTs }) => firstTs);
  const lasts = runs.map(({ lastTs }) => lastTs);
  const series = runs.map((run) => run.series);
  const [from, until] = [firsts, lasts].map((instants, end) =>
    instantSql(instants.reduce((a, b) => (end === 0 ? Math.min(a, b) : Math.max(a, b)))),
  );
  return deletePacked(
    session,
    id,
    `AND series = ANY ('{${[...new Set(series)].map(Math.trunc).join(',')}}'::int2[]) AND ts >= ${from} AND ts <= ${until}
     AND EXISTS (SELECT 1 FROM unnest($1::int4[], $2::timestamptz[], $3::timestamptz[]) AS k (series, first, last)
       WHERE k.series = ema_rows.series AND ema_rows.ts >= k.first AND ema_rows.ts <= k.last)`,
    [series, firsts.map(instantText), lasts.map(instantText)],
  );
}

/** @param where SQL after the condition on the asset */
async function deletePacked(session: Session, id: number, where: string, parameters: unknown[]): Promise<number> {
  const [{ gone }] = await session.query<{ gone: number }>(
    `WITH deleted AS (
       DELETE FROM ema_rows WHERE id = ${idSql(id)} ${where} RETURNING cardinality(array_remove(ema, NULL)) AS values
     ) SELECT coalesce(sum(values), 0)::float8 AS gone FROM deleted`,
    parameters,
  );
  return gone;
}
