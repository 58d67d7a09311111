import { describe, expect, it, vi } from 'vitest';
import { faultOf, isPossible, lockScenarios } from './lock-scenarios.ts';

vi.setConfig({ testTimeout: 120_000 });

describe('two processes that want one embedded database', () => {
  const scenarios = lockScenarios();

  it('there are enough of them', () => {
    expect(scenarios.length).toBeGreaterThanOrEqual(40);
  });

  // TA_LOCK_SCENARIOS=all runs them all; a few of each kind take a minute
  const chosen = process.env['TA_LOCK_SCENARIOS'] === 'all' ? scenarios : scenarios.filter((_, i) => i % 7 === 0);
  for (const scenario of chosen) {
    const { first, second, holder, note } = scenario;
    const name = `${first}, then ${second}; the first ${holder}; note ${note}`;
    // namespaces and mounts are a right of the superuser of Linux: without it the names are among the skipped
    it.skipIf(!isPossible(scenario))(name, async () => expect(await faultOf(scenario)).toBe(null));
  }
});
