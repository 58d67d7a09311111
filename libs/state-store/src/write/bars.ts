import type { BarFamily } from '@ta/bars-core/engine';
import type { Session } from '../connect/database.ts';
import { quoteLiteral } from '../copy/layout.ts';
import { instantText, instantTextOrNull } from '../instant-text.ts';
import { andSince, andTfs, idSql, instantSql, type FirstInstant } from '../sql-conditions.ts';
import { BAR_ROWS, BAR_TABLES } from '../tables/bar-tables.ts';
import { insertChunks, type SelectedRows } from './insert-rows.ts';

/** The rows of one id to delete: from an instant on, of all timeframes or only of some. */
export type TailCut = FirstInstant & { readonly tfs?: readonly string[] };

/** SQL condition for the slim rows of one id in one table, of some timeframes or of all. */
function rowsOf(family: BarFamily, id: number, tfs: readonly string[] | undefined): string {
  const { source, seriesRange } = BAR_TABLES[family];
  const [first, until] = seriesRange;
  const named = `AND series = ANY (ARRAY(SELECT series FROM bar_series WHERE alignment_source = ${quoteLiteral(source)} ${andTfs(tfs)}))`;
  // the range lets the planner exclude other partitions of bar_rows before the series are known
  return `id = ${idSql(id)} AND series >= ${first} AND series < ${until} ${tfs === undefined ? '' : named}`;
}

/** Copies slim rows in, each chunk in key order. @throws StoreError */
export async function writeBars(session: Session, family: BarFamily, chunks: Iterable<SelectedRows>): Promise<void> {
  await insertChunks(session, BAR_TABLES[family].rows, chunks);
}

/** Deletes multi-day bars of one id, together with the guard rejects of those snapshots. Returns the number of deleted bars. */
export async function deleteBars(session: Session, family: BarFamily, id: number, cut: TailCut): Promise<number> {
  if (cut.tfs?.length === 0) return 0;
  const deleted = await session.run(
    `DELETE FROM ${BAR_ROWS} WHERE ${rowsOf(family, id, cut.tfs)} ${andSince('time_close', cut)}`,
  );
  await deleteBarRejects(session, family, id, cut);
  return deleted;
}

/** Deletes the guard rejects of multi-day bars of one id. */
export async function deleteBarRejects(session: Session, family: BarFamily, id: number, cut: TailCut): Promise<void> {
  if (cut.tfs?.length === 0) return;
  await session.run(
    `DELETE FROM cmc_price_bars_multi_tf_rejects WHERE id = ${idSql(id)} AND table_name = $1
     ${andSince('"timestamp"', cut)} ${andTfs(cut.tfs)}`,
    [BAR_TABLES[family].table],
  );
}

/** Deletes single multi-day bars of one id, by series and close instant (epoch ms). Returns the number of deleted bars. */
export async function deleteBarRows(
  session: Session,
  family: BarFamily,
  id: number,
  { series, ts }: { readonly series: readonly number[]; readonly ts: ArrayLike<number> },
): Promise<number> {
  if (series.length === 0) return 0;
  let [first, last] = [Infinity, -Infinity];
  for (let i = 0; i < ts.length; i++) {
    first = Math.min(first, ts[i]);
    last = Math.max(last, ts[i]);
  }
  return session.run(
    `DELETE FROM ${BAR_ROWS} WHERE ${rowsOf(family, id, undefined)}
     AND time_close >= ${instantSql(first)} AND time_close <= ${instantSql(last)}
     AND (series, time_close) IN (SELECT * FROM unnest($1::int2[], $2::timestamptz[]))`,
    [[...series], Array.from(ts, instantText)],
  );
}

/**
 * Sets `closed_at` of stored rows of one id at one close instant, for some timeframes.
 *
 * @param closedAt epoch ms; null marks the bars as open again
 */
export async function writeClosedAt(
  session: Session,
  family: BarFamily,
  id: number,
  bars: { readonly timeClose: number; readonly tfs: readonly string[]; readonly closedAt: number | null },
): Promise<void> {
  await session.run(
    `UPDATE ${BAR_ROWS} SET closed_at = $1::text::timestamptz
     WHERE ${rowsOf(family, id, bars.tfs)} AND time_close = ${instantSql(bars.timeClose)}
     AND closed_at IS DISTINCT FROM $1::text::timestamptz`,
    [instantTextOrNull(bars.closedAt)],
  );
}
