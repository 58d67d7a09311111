import type { AssetName } from '@ta/dashboard-server/api';

/** How an asset is offered. */
export function assetText({ id, name, symbol }: AssetName): string {
  return `${id} ${name}${symbol === null ? '' : ` (${symbol})`}`;
}

/**
 * Ids of the assets that a typed text may mean: its id, the text that is offered, or else its name or symbol, without regard to
 * case. While the assets are not known (null), only an id, whichever.
 */
export function assetsMeant(text: string, assets: readonly AssetName[] | null): number[] {
  const typed = text.trim();
  const id = /^\d+$/.test(typed) ? Number(typed) : null;
  if (assets === null) return id === null || id === 0 ? [] : [id];
  const named = assets.find((asset) => asset.id === id || assetText(asset) === typed);
  if (named !== undefined) return [named.id];
  const wanted = typed.toLowerCase();
  return assets
    .filter(({ name, symbol }) => wanted !== '' && [name, symbol].some((one) => one?.toLowerCase() === wanted))
    .map((asset) => asset.id);
}
