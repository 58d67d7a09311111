import { describe, expect, it } from 'vitest';
import { disturbedHistory } from './history/arbitrary-history.ts';
import { playRandom, stagesForTests } from './history/stage.ts';
import { readRealPrices } from './real-prices.ts';
import { hasPostgres } from './test-database.ts';

/** Histories that a run of the tests plays, others in every run; `make soak` plays hundreds. */
const HISTORIES = 6;

describe.skipIf(!hasPostgres())('histories of broken, disturbed and partial runs, on PostgreSQL', async () => {
  const series = await readRealPrices();
  const stages = stagesForTests(1, { engine: 'postgres', series });

  it('the next whole refresh makes all tables equal to a full build of the source, and a further run writes nothing', async () => {
    await playRandom(stages, disturbedHistory({ runs: 3, realFiles: series.length }, 'postgres'), HISTORIES);
    expect(stages.reduce((sum, { played }) => sum + played.histories, 0)).toBe(HISTORIES);
  }, 900_000);
});
