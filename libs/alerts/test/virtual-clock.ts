import { type AlertClock } from '../src/ports.ts';

/** A clock that stands still until it is told to go on; timers fire in order. */
export interface VirtualClock extends AlertClock {
  /** Every wait that was asked for, in ms. */
  readonly waits: number[];
  advance(durationMs: number): Promise<void>;
  /** Goes from timer to timer until the promise settles. */
  until<T>(promise: Promise<T>): Promise<T>;
  /** Moves the wall clock alone, as an administrator does. */
  setBack(durationMs: number): void;
}

/** Starts at 2026-01-02T03:04:05Z. */
export function virtualClock(): VirtualClock {
  let elapsedMs = 0;
  let wallMs = Date.UTC(2026, 0, 2, 3, 4, 5);
  const timers = new Set<{ readonly atMs: number; readonly fire: () => void }>();
  const waits: number[] = [];

  async function step(untilMs: number): Promise<boolean> {
    await settle();
    const next = [...timers].sort((a, b) => a.atMs - b.atMs)[0];
    if (next === undefined || next.atMs > untilMs) return false;
    elapsedMs = Math.max(elapsedMs, next.atMs);
    next.fire();
    await settle();
    return true;
  }

  return {
    waits,
    nowMs: () => wallMs + elapsedMs,
    monotonicMs: () => elapsedMs,
    setBack: (durationMs) => void (wallMs -= durationMs),
    sleep: (durationMs, signal) =>
      new Promise((resolve) => {
        waits.push(durationMs);
        if (signal?.aborted === true) return resolve();
        const fire = () => {
          timers.delete(timer);
          signal?.removeEventListener('abort', fire);
          resolve();
        };
        const timer = { atMs: elapsedMs + durationMs, fire };
        timers.add(timer);
        signal?.addEventListener('abort', fire);
      }),
    async advance(durationMs) {
      const untilMs = elapsedMs + durationMs;
      while (await step(untilMs));
      elapsedMs = untilMs;
    },
    async until(promise) {
      let isSettled = false;
      promise.then(
        () => (isSettled = true),
        () => (isSettled = true),
      );
      await settle();
      while (!isSettled) {
        if (!(await step(Number.POSITIVE_INFINITY)) && !isSettled) throw new Error('nothing left that could happen');
      }
      return promise;
    },
  };
}

/** Lets everything happen that needs no time. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 4; turn++) await new Promise((resolve) => setImmediate(resolve));
}
