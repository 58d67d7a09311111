import { flag } from './flags.ts';

/**
 * `--staleness-hours`: an asset whose newest daily bar is older is stale (docs/operations.md#order).
 * @param more its default, for commands that need not know whether the flag was given
 * @param note ends the line of the help text
 */
export function stalenessHoursFlag<const M extends { readonly default?: number }>(more: M, note = '') {
  return flag.number(`Maximum age of the newest bar, in hours${note}`, more);
}
