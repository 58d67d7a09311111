import { numberWithin } from './flags.ts';

/**
 * `--staleness-hours`: an asset whose newest daily bar is older is stale (docs/operations.md#order).
 * @param more its default, for commands that need not know whether the flag was given
 * @param note ends the line of the help text
 */
export function stalenessHoursFlag<const M extends { readonly default?: number }>(more: M, note = '') {
  const range = { name: 'staleness-hours', isGood: (hours: number) => hours > 0, expected: 'hours above 0' };
  return numberWithin(range, `Maximum age of the newest bar, in hours${note}`, more);
}
