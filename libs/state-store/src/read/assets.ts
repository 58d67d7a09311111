import { eq } from 'drizzle-orm';
import type { CloseRule } from '@ta/bars-core/engine';
import type { Session } from '../connect/database.ts';
import { assets } from '../schema/source.ts';

/** One row of `dim_assets` (docs/source-rows.md). */
export interface AssetRow {
  readonly id: number;
  readonly name: string;
  readonly symbol: string | null;
  readonly isActive: boolean;
  /** Whether its days were built from closes alone, so that open, high and low are the close. */
  readonly isCloseOnly: boolean;
  /** The rule by which its bars close (docs/markets.md). */
  readonly closeRule: CloseRule;
}

const { id, name, symbol, isActive, isCloseOnly, closeRule } = assets;
const COLUMNS = { id, name, symbol, isActive, isCloseOnly, closeRule };

/** All assets, ascending by id. */
export async function readAssets(session: Session): Promise<AssetRow[]> {
  return session.orm.select(COLUMNS).from(assets).orderBy(id);
}

/** One asset, or null when the id is not in `dim_assets`. */
export async function findAsset(session: Session, wanted: number): Promise<AssetRow | null> {
  const [found] = await session.orm.select(COLUMNS).from(assets).where(eq(id, wanted));
  return found ?? null;
}
