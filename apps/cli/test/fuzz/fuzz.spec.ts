import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { playTarget } from './fuzz-target.ts';
import { FUZZ_TARGETS } from './targets/index.ts';

const { seed: SEED = 0 } = fc.readConfigureGlobal();

/** Cases in all, others in every run; the long form plays 100,000 and more. */
const CASES = 500;

describe('made-up input of the right shape with something odd in it', () => {
  it.each(FUZZ_TARGETS.map((target) => [target.name, target] as const))(
    'in %s is taken as it is meant, or refused with a word that helps',
    async (_, target) => {
      const figures = await playTarget(target, Math.ceil((CASES * target.share) / 1000), SEED);
      expect(figures.failure).toBeNull();
      // a generator whose input is all good, or all bad, tries nothing; of those with a database a few cases are played
      const { accepted, refused } = figures.verdicts;
      if (target.share >= 100) expect(Math.min(accepted, refused)).toBeGreaterThan(0);
      expect(figures.cases).toBe(Math.ceil((CASES * target.share) / 1000));
    },
  );
});
