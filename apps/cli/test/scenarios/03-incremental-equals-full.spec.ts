import fc from 'fast-check';
import { BUILDERS, COMPONENTS, loadSettings, refresh, REFRESHERS } from '@ta/pipeline';
import { openDatabase, type Database } from '@ta/state-store';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { differingTables, digestContent, readContentColumns } from '../../../../libs/pipeline/test/content-digest.ts';
import { runInside } from '../kit/run-inside.ts';
import { ta } from '../kit/ta.ts';
import { AS_OF_MS, createWorld, hasPostgres, type World } from '../kit/world.ts';

const SIMULATED_DAYS = 60;
/** Days that the command refreshes, of those; on the others the same refresh is called on a connection that stays open. */
const BY_COMMAND = 12;

describe.skipIf(!hasPostgres())('incremental equals full (scenario 3)', () => {
  let daily: World;
  let full: World;
  beforeAll(async () => {
    [daily, full] = [await createWorld({ assets: 1, days: 90 }), await createWorld({ assets: 1, days: 90 })];
  });
  afterAll(async () => {
    await daily.drop();
    await full.drop();
  });

  async function refreshByCommand(asOfMs: number): Promise<void> {
    const argv = ['refresh', '--all', '--quiet', '--as-of', new Date(asOfMs).toISOString()];
    const ended = await runInside(argv, { root: daily.root, env: daily.env, nowMs: AS_OF_MS });
    expect(ended.code, ended.stderr).toBe(0);
  }

  async function refreshByCall(database: Database, nowMs: number): Promise<void> {
    const settings = await database.session((session) => loadSettings(session, { runId: `at ${nowMs}`, zone: 'UTC' }));
    const request = {
      ...{ components: COMPONENTS, builders: BUILDERS, refreshers: REFRESHERS, ids: daily.ids, settings },
      ...{ nowMs, stalenessHours: 48, skipStaleCheck: false, continueOnError: false, concurrency: 1 },
    };
    const { components } = await refresh(database, request, {}, () => 0);
    expect(components.map(({ status }) => status)).toEqual(['ok', 'ok']);
  }

  it('sixty daily refreshes and one full build leave the same rows', async () => {
    await daily.use(async (session) => {
      await session.run('CREATE TABLE later AS SELECT * FROM cmc_price_histories7');
      await session.run('DELETE FROM cmc_price_histories7');
    });
    const { seed = 0 } = fc.readConfigureGlobal();
    const lefts = Array.from({ length: SIMULATED_DAYS + 1 }, (_, i) => SIMULATED_DAYS - i);
    const drawn = fc.subarray(lefts, { minLength: BY_COMMAND, maxLength: BY_COMMAND });
    const byCommand = new Set(fc.sample(drawn, { seed, numRuns: 1 })[0]);
    const target = { engine: 'postgres', url: daily.url, source: 'test' } as const;
    const database = await openDatabase(target, { poolSize: 3 });
    onTestFinished(() => database.close());
    for (const left of lefts) {
      await database.session((session) =>
        session.run(
          `INSERT INTO cmc_price_histories7 SELECT * FROM later l WHERE "timestamp" <= timestamptz '2024-06-29Z' - interval '${left} days'
           AND NOT EXISTS (SELECT 1 FROM cmc_price_histories7 h WHERE h.id = l.id AND h."timestamp" = l."timestamp")`,
        ),
      );
      const asOfMs = AS_OF_MS - left * 86_400_000;
      await (byCommand.has(left) ? refreshByCommand(asOfMs) : refreshByCall(database, asOfMs));
    }
    expect((await ta(full, 'refresh --all --full-rebuild')).code).toBe(0);
    const digest = (world: World) =>
      world.use(async (session) => digestContent(session, await readContentColumns(session), world.ids));
    const [left, right] = [await digest(daily), await digest(full)];
    for (const id of daily.ids) expect(differingTables(left.get(id) as never, right.get(id) as never)).toEqual([]);
  });
});
