import { type AlertClock } from './ports.ts';
import { type Allowance } from './telegram.ts';

/** Counts the time that one run spends on alerts, and limits it while the run waits for the last of them. */
export interface Budget extends Allowance {
  /** Counts from now on until {@link pause}. */
  resume(): void;
  pause(): void;
  /**
   * Allows at most `durationMs` from now on, and fires `signal` when that time or the budget is used up.
   *
   * @returns a function that lifts the restriction; the next restriction has a new signal
   */
  restrict(durationMs: number): () => void;
}

/** Makes the budget of one run; only time between `resume` and `pause` is counted. */
export function createBudget(clock: AlertClock, budgetMs: number): Budget {
  let spentMs = 0;
  let resumedMs: number | null = null;
  let untilMs = Number.POSITIVE_INFINITY;
  let stop = new AbortController();

  const spent = () => spentMs + (resumedMs === null ? 0 : clock.monotonicMs() - resumedMs);
  const remainingMs = () => Math.min(budgetMs - spent(), untilMs - clock.monotonicMs());

  return {
    remainingMs,
    get signal() {
      return stop.signal;
    },
    resume() {
      resumedMs = clock.monotonicMs();
    },
    pause() {
      spentMs = spent();
      resumedMs = null;
    },
    restrict(durationMs) {
      const restricted = stop;
      const lifted = new AbortController();
      untilMs = clock.monotonicMs() + Math.max(0, durationMs);
      void clock.sleep(Math.max(0, remainingMs()), lifted.signal).then(() => {
        if (!lifted.signal.aborted) restricted.abort();
      });
      return () => {
        lifted.abort();
        untilMs = Number.POSITIVE_INFINITY;
        if (stop === restricted) stop = new AbortController();
      };
    },
  };
}
