import { type AlertClock } from './ports.ts';

/** Longest delay a Node timer takes; a longer one would fire at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** The clock of this machine. */
export const systemClock: AlertClock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  sleep: (durationMs, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted === true) {
        resolve();
        return;
      }
      // a timer may fire up to a millisecond early, and a server-named wait must not be cut short
      const timer = setTimeout(finish, Math.min(Math.ceil(Math.max(durationMs, 0)) + 1, MAX_TIMER_MS));
      signal?.addEventListener('abort', finish, { once: true });
      function finish(): void {
        clearTimeout(timer);
        signal?.removeEventListener('abort', finish);
        resolve();
      }
    }),
};
