import fc from 'fast-check';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { plannedCase } from './history/exact-plan.ts';
import { openStage, type OpenStage } from './history/stage.ts';
import { hasPostgres } from './test-database.ts';

/** Databases that a run of the tests plans a run of, others in every run; `make soak` takes 300. */
const CASES = [...(hasPostgres() ? ([['postgres', 24]] as const) : []), ['pglite', 5]] as const;

describe.each(CASES)('what a dry run shows, on %s', (engine, numRuns) => {
  let stage: OpenStage;
  beforeAll(async () => {
    stage = await openStage({ engine });
  });
  afterAll(() => stage.close());

  it('is what the run then does, step by step, in rows deleted and written', async () => {
    await fc.assert(
      fc.asyncProperty(plannedCase, (given) => stage.playPlanned(given)),
      { numRuns },
    );
  }, 600_000);
});
