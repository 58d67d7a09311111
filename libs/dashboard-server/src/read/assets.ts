import { readAssets, type Session } from '@ta/state-store';
import type { Assets } from '../api.ts';

/** Every asset, ascending by id. */
export async function readAssetNames(session: Session): Promise<Assets> {
  const assets = await readAssets(session);
  return { assets: assets.map(({ id, name, symbol }) => ({ id, name, symbol })) };
}
