import { describe, expect, it } from 'vitest';
import { systemClock } from './clock.ts';

describe('systemClock', () => {
  it('never wakes up early', async () => {
    for (const durationMs of [0, 1, 2.5, 20]) {
      const startMs = systemClock.monotonicMs();
      await systemClock.sleep(durationMs);
      expect(systemClock.monotonicMs() - startMs).toBeGreaterThanOrEqual(durationMs);
    }
  });
  it('wakes up at once when it is called off', async () => {
    const stop = new AbortController();
    const sleeping = systemClock.sleep(60_000, stop.signal);
    stop.abort();
    await sleeping;
    await systemClock.sleep(60_000, stop.signal);
  });
  it('sleeps on when a duration is longer than a timer takes', async () => {
    const stop = new AbortController();
    let isAwake = false;
    const sleeping = systemClock.sleep(Number.POSITIVE_INFINITY, stop.signal).then(() => (isAwake = true));
    await systemClock.sleep(20);
    expect(isAwake).toBe(false);
    stop.abort();
    await sleeping;
  });
});
