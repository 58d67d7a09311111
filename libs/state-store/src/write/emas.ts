import type { Session } from '../connect/database.ts';
import { copyInSql } from '../copy/layout.ts';
import { instantText } from '../instant-text.ts';
import { andSince, idSql, instantSql } from '../read/copy-select.ts';
import type { EmaSeriesKey } from '../read/ema-series-keys.ts';
import { EMA_ROWS_LAYOUT, type EmaTable } from '../tables/ema-tables.ts';
import type { TailCut } from './bars.ts';

/** Adds series that `ema_series` lacks. Use a separate transaction, since another session that adds the same series waits until it ends. */
export async function addEmaSeries(session: Session, keys: readonly EmaSeriesKey[]): Promise<void> {
  await session.run(
    `INSERT INTO ema_series (alignment_source, tf, tf_days, periods)
     SELECT k.source::ema_alignment_source, k.tf, k.tf_days, k.periods::int4[]
     FROM unnest($1::text[], $2::text[], $3::int4[], $4::text[]) AS k (source, tf, tf_days, periods)
     ON CONFLICT DO NOTHING`,
    [
      keys.map(({ table }) => table),
      keys.map(({ tf }) => tf),
      keys.map(({ tfDays }) => tfDays),
      keys.map(({ periods }) => `{${periods.join(',')}}`),
    ],
  );
}

/** Copies packed rows in, in the layout `EMA_ROWS_LAYOUT`. */
export async function writeEmas(
  session: Session,
  chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
): Promise<void> {
  await session.later(copyInSql(EMA_ROWS_LAYOUT), chunks);
}

/**
 * Deletes EMAs of one id and returns the number of values (rows of the contract's table); their rejects are handled by
 * `writeEmaRejects`.
 */
export async function deleteEmas(session: Session, table: EmaTable, id: number, cut: TailCut): Promise<number> {
  if (cut.tfs?.length === 0) return 0;
  return deletePacked(
    session,
    id,
    `${andSince('ts', cut)} AND series = ANY (ARRAY(
       SELECT series FROM ema_series WHERE alignment_source = $1::text::ema_alignment_source
       ${cut.tfs === undefined ? '' : 'AND tf = ANY($2::text[])'}))`,
    cut.tfs === undefined ? [table] : [table, [...cut.tfs]],
  );
}

/** A run of consecutive packed rows of one series, by the instants of its first and last row, epoch ms. */
export interface PackedRun {
  readonly series: number;
  readonly firstTs: number;
  lastTs: number;
}

/** Deletes runs of packed rows of one id and returns how many values they were. */
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
