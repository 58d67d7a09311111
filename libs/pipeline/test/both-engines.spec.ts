import { describe, expect, it } from 'vitest';
import { disturbedHistory, editedHistory } from './history/arbitrary-history.ts';
import { playRandom, stagesForTests } from './history/stage.ts';
import { hasPostgres } from './test-database.ts';

/** Histories of each kind, others in every run; `make soak` plays 20. */
const HISTORIES = Number(process.env['TA_HISTORIES'] ?? 2);

// Histories are played on PGlite and compared with full builds on PostgreSQL, where there is one: equal tables then mean
// that both engines make the same of the same source.
describe(`histories on PGlite, full builds on ${hasPostgres() ? 'PostgreSQL' : 'PGlite'}`, () => {
  const stages = stagesForTests(1, { engine: 'pglite', oracleEngine: hasPostgres() ? 'postgres' : 'pglite' });

  it('after every refresh of a history of edits all tables are equal', async () => {
    await playRandom(stages, editedHistory({ runs: 2, realFiles: 0 }), HISTORIES);
  }, 900_000);

  it('after broken and partial runs the next whole refresh makes all tables equal', async () => {
    await playRandom(stages, disturbedHistory({ runs: 2, realFiles: 0 }, 'pglite'), HISTORIES);
    expect(stages[0]?.played.histories).toBe(2 * HISTORIES);
  }, 900_000);
});
