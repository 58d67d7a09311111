import { describe, expect, it } from 'vitest';
import { editedHistory } from './history/arbitrary-history.ts';
import { playRandom, stagesForTests } from './history/stage.ts';
import { readRealPrices } from './real-prices.ts';
import { hasPostgres } from './test-database.ts';

/** Histories that a run of the tests plays, others in every run; `make soak` plays hundreds. */
const HISTORIES = 6;

describe.skipIf(!hasPostgres())('histories of edits, on PostgreSQL', async () => {
  const series = await readRealPrices();
  const stages = stagesForTests(1, { engine: 'postgres', series });

  it('after every refresh all tables equal a full build of the source, and a further run writes nothing', async () => {
    await playRandom(stages, editedHistory({ runs: 2, realFiles: series.length }), HISTORIES);
    expect(stages.reduce((sum, { played }) => sum + played.histories, 0)).toBe(HISTORIES);
  }, 900_000);
});
