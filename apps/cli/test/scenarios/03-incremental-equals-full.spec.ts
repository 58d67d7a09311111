import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { differingTables, digestContent, readContentColumns } from '../../../../libs/pipeline/test/content-digest.ts';
import { runInside } from '../kit/run-inside.ts';
import { ta } from '../kit/ta.ts';
import { AS_OF_MS, createWorld, hasPostgres, type World } from '../kit/world.ts';

const SIMULATED_DAYS = 60;

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

  it('sixty daily refreshes and one full build leave the same rows', async () => {
    await daily.use(async (session) => {
      await session.run('CREATE TABLE later AS SELECT * FROM cmc_price_histories7');
      await session.run('DELETE FROM cmc_price_histories7');
    });
    for (let left = SIMULATED_DAYS; left >= 0; left--) {
      await daily.use((session) =>
        session.run(
          `INSERT INTO cmc_price_histories7 SELECT * FROM later l WHERE "timestamp" <= timestamptz '2024-06-29Z' - interval '${left} days'
           AND NOT EXISTS (SELECT 1 FROM cmc_price_histories7 h WHERE h.id = l.id AND h."timestamp" = l."timestamp")`,
        ),
      );
      const asOf = new Date(AS_OF_MS - left * 86_400_000).toISOString();
      const argv = ['refresh', '--all', '--quiet', '--as-of', asOf];
      const ended = await runInside(argv, { root: daily.root, env: daily.env, nowMs: AS_OF_MS });
      expect(ended.code, ended.stderr).toBe(0);
    }
    expect((await ta(full, 'refresh --all --full-rebuild')).code).toBe(0);
    const digest = (world: World) =>
      world.use(async (session) => digestContent(session, await readContentColumns(session), world.ids));
    const [left, right] = [await digest(daily), await digest(full)];
    for (const id of daily.ids) expect(differingTables(left.get(id) as never, right.get(id) as never)).toEqual([]);
  });
});
