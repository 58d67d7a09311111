import type { BarFamily } from '@ta/bars-core/engine';
import type { Session } from '../connect/database.ts';
import { instantTextOrNull } from '../instant-text.ts';
import { andSince, idSql, instantSql, type FirstInstant } from '../read/copy-select.ts';
import { BAR_TABLES } from '../tables/bar-tables.ts';
import { EMA_TABLES, type EmaTable } from '../tables/ema-tables.ts';
import type { KeyedTable } from '../tables/keyed-table.ts';

/** Rows of one id that go: from an instant on, all timeframes or some (for tables that have timeframes). */
export type TailCut = FirstInstant & { readonly tfs?: readonly string[] };

/** Deletes a tail of one id's rows and returns how many they were. */
async function deleteTail(session: Session, keyed: KeyedTable, id: number, cut: TailCut): Promise<number> {
  if (cut.tfs?.length === 0) return 0;
  const byTf = keyed.hasTimeframes && cut.tfs !== undefined;
  return session.run(
    `DELETE FROM ${keyed.table} WHERE id = ${idSql(id)} ${andSince(`"${keyed.timeColumn}"`, cut)}
     ${byTf ? 'AND tf = ANY($1::text[])' : ''}`,
    byTf ? [[...cut.tfs]] : [],
  );
}

/** Deletes multi-day bars of one id, together with the guard rejects of those snapshots. Returns the bars deleted. */
export async function deleteBars(session: Session, family: BarFamily, id: number, cut: TailCut): Promise<number> {
  const deleted = await deleteTail(session, BAR_TABLES[family], id, cut);
  if (cut.tfs?.length === 0) return deleted;
  await session.run(
    `DELETE FROM cmc_price_bars_multi_tf_rejects WHERE id = ${idSql(id)} AND table_name = $1
     ${andSince('"timestamp"', cut)} ${cut.tfs === undefined ? '' : 'AND tf = ANY($2::text[])'}`,
    cut.tfs === undefined ? [BAR_TABLES[family].table] : [BAR_TABLES[family].table, [...cut.tfs]],
  );
  return deleted;
}

/**
 * Says of stored rows of one instant when their bars were known closed; of some timeframes of one id.
 *
 * @param closedAt epoch ms; null takes back that they are closed
 */
export async function writeClosedAt(
  session: Session,
  family: BarFamily,
  id: number,
  {
    timeClose,
    tfs,
    closedAt,
  }: { readonly timeClose: number; readonly tfs: readonly string[]; readonly closedAt: number | null },
): Promise<void> {
  await session.run(
    `UPDATE ${BAR_TABLES[family].table} SET closed_at = $2::text::timestamptz
     WHERE id = ${idSql(id)} AND time_close = ${instantSql(timeClose)} AND tf = ANY($1::text[])`,
    [[...tfs], instantTextOrNull(closedAt)],
  );
}

/** Deletes EMA rows of one id and returns how many they were; rejects are settled by `writeEmaRejects`. */
export async function deleteEmas(session: Session, table: EmaTable, id: number, cut: TailCut): Promise<number> {
  return deleteTail(session, EMA_TABLES[table], id, cut);
}
