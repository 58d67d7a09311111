import type { AssetFacts } from '../assets.ts';

/** Of which assets bars close by the market: as an array in SQL. */
export function marketIds(assets: readonly AssetFacts[]): string {
  const ids = assets.filter(({ trading }) => trading.closeRule === 'market').map(({ id }) => id);
  return `'{${ids.join(',')}}'::int4[]`;
}
