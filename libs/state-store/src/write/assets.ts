import type { Session } from '../connect/database.ts';
import type { AssetRow } from '../read/assets.ts';
import { assets } from '../schema/source.ts';

/** Inserts an asset, or sets name and symbol of the stored one; whether it is active stays the operator's choice. */
export async function saveAsset(session: Session, asset: Omit<AssetRow, 'isActive'>): Promise<void> {
  const { id, name, symbol } = asset;
  await session.orm
    .insert(assets)
    .values({ id, name, symbol })
    .onConflictDoUpdate({ target: assets.id, set: { name, symbol } });
}
