import { banner, formatIds, hintOf, type Surroundings } from '@ta/cli-kit';
import { isUndone, type Component, type FreshnessResult, type ItemOutcome, type RefreshObserver } from '@ta/pipeline';
import type { Logger } from 'pino';
import type { RefreshFlags } from './refresh-flags.ts';
import { detailLogger } from './report/detail.ts';
import { itemProgress, type Progress } from './report/progress.ts';

/** Prints what happens: banners, the freshness gate, notices, and with `--verbose` a line per item and the stacks of failures. */
export function consoleObserver(
  around: Surroundings,
  flags: Pick<RefreshFlags, 'quiet' | 'verbose'>,
  hasBars: boolean,
): RefreshObserver {
  let progress: Progress<number> | undefined;
  let steps = new Map<number, number>();
  let finished = 0;
  const loading = flags.verbose === true ? detailLogger(around) : undefined;
  let detail: Logger | undefined;
  const hinted = new Set<string>();
  const tellFailure = (outcome: ItemOutcome) => {
    around.warn(failureLine(outcome));
    // what to do is worth one line, however many ids meet the same failure
    const hint = hintOf(outcome.error);
    if (hint === undefined || hinted.has(hint)) return;
    hinted.add(hint);
    around.warn(`  ${hint}`);
  };
  return {
    async componentStarted(component: Component, ids: readonly number[]) {
      if (!flags.quiet) around.print(banner(component === 'bars' ? 'RUNNING BAR BUILDERS' : 'RUNNING EMA REFRESHERS'));
      detail ??= await loading;
      finished = 0;
      steps = new Map();
      if (!flags.verbose && !flags.quiet) progress = await itemProgress(around, component, ids.length);
    },
    componentFinished({ component, isTimedOut, note }) {
      progress?.stop();
      progress = undefined;
      if (isTimedOut === true) around.warn(`[TIMEOUT] ${component}: ${note?.replace('Timed', 'timed')}`);
    },
    freshnessChecked: (result) => printFreshness(around, result, flags, hasBars),
    itemFinished(outcome) {
      const { component, step, id, error: err } = outcome;
      if (isUndone(outcome.status)) {
        tellFailure(outcome);
        detail?.error({ component, step, err }, `id ${id}: failed`);
      } else detail?.debug({ component, step }, itemText(outcome));
      if (!steps.has(outcome.id)) progress?.update(++finished);
      steps.set(outcome.id, (steps.get(outcome.id) ?? 0) + 1);
    },
    notice: (notice) => {
      if (notice.level !== 'info' || !flags.quiet) around.warn(`[${notice.level.toUpperCase()}] ${notice.text}`);
    },
  };
}

/**
 * What the freshness gate found, in the words of operations.md 2.2.
 *
 * @param hasBars whether this run refreshes bars: then there is no use in telling to
 */
export function printFreshness(
  around: Pick<Surroundings, 'print' | 'warn'>,
  result: FreshnessResult,
  flags: Pick<RefreshFlags, 'quiet' | 'verbose'>,
  hasBars: boolean,
): void {
  const tell = (line: string | null) => void (line === null || flags.quiet === true || around.print(line));
  tell(banner('CHECKING BAR FRESHNESS'));
  for (const id of result.future) around.warn(`[WARNING] id ${id}: last_src_ts in the future`);
  if (result.stale.length === 0) {
    tell(`[OK] All ${result.fresh.length} ID(s) have fresh bars`);
    return;
  }
  around.print(`[WARNING] Bars stale for IDs: ${formatIds(result.stale.map(({ id }) => id))}`);
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

/** What helps with history that ends in the past, as downloaded files do; null when all that is stale is so for other reasons. */
function waysOn({ stale }: FreshnessResult): string | null {
  const ends = stale.filter(({ reason }) => reason === 'stale').map(({ lastSourceTs }) => lastSourceTs as number);
  if (ends.length === 0) return null;
  const newest = Math.max(...ends);
  const day = new Date(newest).toISOString().slice(0, 10);
  return `[INFO] History that ends in the past, such as a downloaded file? Add --skip-stale-check, or set the clock of the run: --as-of ${day}`;
}

function itemText(outcome: ItemOutcome): string {
  const { rows, id, status } = outcome;
  const counts = status === 'ok' ? ` ${rows.written} written, ${rows.deleted} deleted, ${rows.rejected} rejected` : '';
  return `id ${id}: ${status}${counts} (${(outcome.durationMs / 1000).toFixed(2)}s)`;
}

function failureLine(outcome: ItemOutcome): string {
  const message = outcome.error instanceof Error ? outcome.error.message : String(outcome.error);
  return `[ERROR] ${outcome.component}/${outcome.step} FAILED for id ${outcome.id}: ${message}`;
}
