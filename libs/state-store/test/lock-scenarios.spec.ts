import { describe, expect, it, vi } from 'vitest';
import { canUnshare, faultOf, lockScenarios } from './lock-scenarios.ts';

vi.setConfig({ testTimeout: 120_000 });

describe.skipIf(!canUnshare())('two processes that want one embedded database', () => {
  const scenarios = lockScenarios();

  it('there are enough of them', () => {
    expect(scenarios.length).toBeGreaterThanOrEqual(40);
  });

  // TA_LOCK_SCENARIOS=all runs them all; a few of each kind take a minute
  const chosen = process.env['TA_LOCK_SCENARIOS'] === 'all' ? scenarios : scenarios.filter((_, i) => i % 7 === 0);
  it.each(chosen)('$first, then $second; the first $holder; note $note', async (scenario) => {
    expect(await faultOf(scenario)).toBe(null);
  });
});
