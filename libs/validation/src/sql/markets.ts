import { tradingDaysText } from '@ta/bars-core/engine';
import type { AssetFacts } from '../assets.ts';

/** Of which assets bars close by the market: as an array in SQL. */
export function marketIds(assets: readonly AssetFacts[]): string {
  return idArray(assets.filter(({ trading }) => trading.closeRule === 'market'));
}

/** Whose bars close at no fixed distance: assets that rest on some days, or whose bars close by the market. As an array in SQL. */
export function unevenIds(assets: readonly AssetFacts[]): string {
  return idArray(assets.filter(({ trading }) => tradingDaysText(trading) !== null));
}

function idArray(assets: readonly AssetFacts[]): string {
  return `'{${assets.map(({ id }) => id).join(',')}}'::int4[]`;
}
