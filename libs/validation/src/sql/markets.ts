import { tradingDaysText } from '@ta/bars-core/engine';
import type { AssetFacts } from '../assets.ts';

/** SQL array of the assets whose bars close by the market. */
export function marketIds(assets: readonly AssetFacts[]): string {
  return idArray(assets.filter(({ trading }) => trading.closeRule === 'market'));
}

/** SQL array of the assets whose bars have no fixed distance: those with days without trading or the close rule `market`. */
export function unevenIds(assets: readonly AssetFacts[]): string {
  return idArray(assets.filter(({ trading }) => tradingDaysText(trading) !== null));
}

function idArray(assets: readonly AssetFacts[]): string {
  return `'{${assets.map(({ id }) => id).join(',')}}'::int4[]`;
}
