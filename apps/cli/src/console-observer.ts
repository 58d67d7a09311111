import { banner, hintOf, type Surroundings } from '@ta/cli-kit';
import { isUndone, type Component, type ItemOutcome, type RefreshObserver } from '@ta/pipeline';
import type { RefreshFlags } from './refresh-flags.ts';
import { detailLogger } from './report/detail.ts';
import { itemProgress, type Progress } from './report/progress.ts';
import { printFreshness } from './report/stale-bars.ts';

/** What the console shows of a run. */
export interface ConsoleObserver extends RefreshObserver {
  /** What the run is doing; null while a progress bar shows it. */
  at(): string | null;
}

/** Prints the progress of a run: banners, the freshness check, notices, and with `--verbose` a line per item and stack traces. */
export async function consoleObserver(
  around: Surroundings,
  flags: Pick<RefreshFlags, 'quiet' | 'verbose' | 'logLevel'>,
  hasBars: boolean,
): Promise<ConsoleObserver> {
  let progress: Progress<number> | undefined;
  let part: { readonly component: Component; readonly total: number } | undefined;
  let steps = new Map<number, number>();
  let finished = 0;
  const detail = flags.verbose === true ? await detailLogger(around) : undefined;
  const hinted = new Set<string>();
  const tellFailure = (outcome: ItemOutcome) => {
    around.warn(failureLine(outcome));
    // print each hint once, however many ids fail for the same reason
    const hint = hintOf(outcome.error);
    if (hint === undefined || hinted.has(hint)) return;
    hinted.add(hint);
    around.warn(`  ${hint}`);
  };
  return {
    at() {
      if (progress !== undefined && around.isTty) return null;
      return part === undefined ? 'Refreshing' : `${part.component}, ${finished}/${part.total} ids`;
    },
    async componentStarted(component: Component, ids: readonly number[]) {
      if (!flags.quiet) around.print(banner(component === 'bars' ? 'RUNNING BAR BUILDERS' : 'RUNNING EMA REFRESHERS'));
      finished = 0;
      steps = new Map();
      part = { component, total: ids.length };
      if (!flags.quiet && !flags.verbose) progress = await itemProgress(around, component, ids.length);
    },
    componentFinished({ component, isTimedOut, note }) {
      progress?.stop();
      progress = part = undefined;
      if (isTimedOut === true) around.warn(`[TIMEOUT] ${component}: ${note?.replace('Timed', 'timed')}`);
    },
    freshnessChecked: (result) => printFreshness(around, result, flags, hasBars),
    itemFinished(outcome) {
      const { component, step, id, error: err } = outcome;
      if (isUndone(outcome.status)) {
        tellFailure(outcome);
        detail?.error({ component, step, err }, `id ${id}: failed`);
      } else detail?.debug({ component, step }, itemText(outcome));
      if (!steps.has(outcome.id)) finished++;
      progress?.update(finished);
      around.look();
      steps.set(outcome.id, (steps.get(outcome.id) ?? 0) + 1);
    },
    notice: (notice) => {
      if (notice.level !== 'info' || !flags.quiet) around.warn(`[${notice.level.toUpperCase()}] ${notice.text}`);
    },
  };
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
