import { eq } from 'drizzle-orm';
import type { Session } from '../connect/database.ts';
import { idSql } from '../sql-conditions.ts';
import type { AssetRow } from '../read/assets.ts';
import { assets } from '../schema/source.ts';
import { TABLES_BY_ASSET } from '../tables/table-places.ts';

/** An asset to save. */
export type SavedAsset = Pick<AssetRow, 'id' | 'name' | 'symbol'> & Partial<Pick<AssetRow, 'isCloseOnly'>>;

/** Inserts an asset, or updates the given columns of the stored one; `is_active` is never changed, since the operator sets it. */
export async function saveAsset(session: Session, asset: SavedAsset): Promise<void> {
  const { id, name, symbol, isCloseOnly } = asset;
  const values = { name, symbol, ...(isCloseOnly === undefined ? {} : { isCloseOnly }) };
  await session.orm
    .insert(assets)
    .values({ id, ...values })
    .onConflictDoUpdate({ target: assets.id, set: values });
}

/**
 * Renames an asset, also in its source rows and in the rows built from them. No number depends on a name, so the log entries that
 * the triggers write are deleted again, and nothing has to be rebuilt. Call it in a transaction.
 *
 * @returns whether the asset exists
 */
export async function renameAsset(
  session: Session,
  id: number,
  name: string,
  symbol?: string | null,
): Promise<boolean> {
  const [newest] = await session.query<{ change_id: number }>(
    `SELECT coalesce(max(change_id), 0)::int8 AS change_id FROM cmc_price_histories7_changes WHERE id = ${idSql(id)}`,
  );
  const set = symbol === undefined ? { name } : { name, symbol };
  const changed = await session.orm.update(assets).set(set).where(eq(assets.id, id)).returning({ id: assets.id });
  if (changed.length === 0) return false;
  await session.run('UPDATE cmc_price_histories7 SET name = $2 WHERE id = $1 AND name <> $2', [id, name]);
  // only those of this transaction: another program may have logged a change of this asset in the meantime
  await session.run(
    'DELETE FROM cmc_price_histories7_changes WHERE id = $1 AND change_id > $2 AND xmin = pg_current_xact_id()::xid',
    [id, newest.change_id],
  );
  for (const table of ['cmc_price_bars_1d', 'cmc_price_bars_1d_rejects']) {
    await session.run(`UPDATE ${table} SET src_name = $2 WHERE id = $1 AND src_name IS DISTINCT FROM $2`, [id, name]);
  }
  return true;
}

/** The tables that hold rows of an asset, the source first; a parent includes its partitions. */
const ASSET_TABLES = [
  'cmc_price_histories7',
  ...TABLES_BY_ASSET,
  'cmc_price_histories7_changes',
  'ops_validation_results',
];

/** The number of rows of an asset in each table; tables without any are left out. */
export async function countAssetRows(session: Session, id: number): Promise<{ table: string; rows: number }[]> {
  const counts: { table: string; rows: number }[] = [];
  for (const table of ASSET_TABLES) {
    const [{ rows }] = await session.query<{ rows: number }>(
      `SELECT count(*) AS rows FROM ${table} WHERE id = ${idSql(id)}`,
    );
    if (rows > 0) counts.push({ table, rows });
  }
  return counts;
}

/**
 * Removes an asset: its prices, bars, EMAs, states, rejects, and the asset itself. Call it in a transaction.
 *
 * @returns the number of deleted rows, including that of the asset itself
 */
export async function removeAsset(session: Session, id: number): Promise<number> {
  let removed = 0;
  for (const table of ASSET_TABLES) removed += await session.run(`DELETE FROM ${table} WHERE id = ${idSql(id)}`);
  return removed + (await session.run(`DELETE FROM dim_assets WHERE id = ${idSql(id)}`));
}
