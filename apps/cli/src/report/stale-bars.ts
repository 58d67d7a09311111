import { banner, formatIds, type Surroundings } from '@ta/cli-kit';
import type { FreshnessResult } from '@ta/pipeline';
import type { RefreshFlags } from '../refresh-flags.ts';

/** The message of console, log and alert about ids whose bars are stale (docs/operations.md#order). */
export function staleBarsText({ stale }: Pick<FreshnessResult, 'stale'>): string {
  return `Bars stale for IDs: ${formatIds(stale.map(({ id }) => id))}`;
}

/**
 * Prints the result of the freshness check, in the words of docs/operations.md#order.
 *
 * @param hasBars whether this run refreshes bars; if so, the advice to refresh them is left out
 */
export function printFreshness(
  around: Pick<Surroundings, 'print' | 'warn'>,
  result: FreshnessResult,
  flags: Pick<RefreshFlags, 'quiet' | 'verbose' | 'logLevel'>,
  hasBars: boolean,
): void {
  // it tells nothing above a warning
  if (flags.logLevel === 'error') return;
  const tell = (line: string | null) => void (line === null || flags.quiet === true || around.print(line));
  tell(banner('CHECKING BAR FRESHNESS'));
  for (const id of result.future) around.warn(`[WARNING] id ${id}: last_src_ts in the future`);
  if (result.stale.length === 0) {
    tell(`[OK] All ${result.fresh.length} ID(s) have fresh bars`);
    return;
  }
  around.print(`[WARNING] ${staleBarsText(result)}`);
  const shown = flags.verbose === true ? result.stale : result.stale.slice(0, 20);
  for (const { id, reason, lastSourceTs, ageHours } of shown) {
    const last = lastSourceTs === null ? 'never' : new Date(lastSourceTs).toISOString();
    around.print(`  ${id}: ${last}, ${ageHours === null ? '-' : ageHours.toFixed(1)} h, ${reason}`);
  }
  if (result.stale.length > shown.length) around.print(`  … and ${result.stale.length - shown.length} more`);
  tell(waysOn(result));
  if (!hasBars) tell('[INFO] Run with --all to refresh bars first, or pass --skip-stale-check if intended');
  if (result.fresh.length > 0) tell(`[INFO] Running EMAs for ${result.fresh.length} ID(s) with fresh bars`);
}

/** Advice for history that ends in the past, as in a downloaded file; null when the assets are stale only for other reasons. */
function waysOn({ stale, fresh }: FreshnessResult): string | null {
  const ends = stale.filter(({ reason }) => reason === 'stale').map(({ lastSourceTs }) => lastSourceTs as number);
  if (ends.length === 0) return null;
  const way = '[INFO] History that ends in the past, such as a downloaded file? Add --skip-stale-check';
  // with a clock in the past, assets with newer prices would be ahead of it
  if (fresh.length > 0 || stale.some(({ reason }) => reason === 'ahead')) return way;
  const day = new Date(Math.max(...ends)).toISOString().slice(0, 10);
  return `${way}, or set the clock of the run: --as-of ${day}`;
}
