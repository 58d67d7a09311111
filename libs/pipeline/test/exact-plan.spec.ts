import fc from 'fast-check';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { editedStateCase } from './history/edited-state.ts';
import { plannedCase } from './history/exact-plan.ts';
import { openStage, type OpenStage } from './history/stage.ts';
import { hasPostgres } from './test-database.ts';

/** Databases that a run of the tests plans a run of, others in every run; `make soak` takes 300. */
const CASES = [...(hasPostgres() ? ([['postgres', 8]] as const) : []), ['pglite', 2]] as const;

describe.each(CASES)('what a dry run shows, on %s', (engine, numRuns) => {
  let stage: OpenStage;
  beforeAll(async () => {
    stage = await openStage({ engine, oracleEngine: hasPostgres() ? 'postgres' : engine });
  });
  afterAll(() => stage.close());

  it('is what the run then does, step by step, in rows deleted and written', async () => {
    await fc.assert(
      fc.asyncProperty(plannedCase, (given) => stage.playPlanned(given)),
      { numRuns },
    );
  }, 600_000);

  it('is not led astray by a state that was edited by hand: all tables equal a full build after the next rows', async () => {
    await fc.assert(
      fc.asyncProperty(editedStateCase, (given) => stage.playEditedState(given)),
      { numRuns: Math.ceil(numRuns / 2) },
    );
  }, 600_000);
});
