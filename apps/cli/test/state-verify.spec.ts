import { verifyState } from '@ta/pipeline';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runInside } from './kit/run-inside.ts';
import { AS_OF, createWorld, hasPostgres, type World } from './kit/world.ts';

describe.each(['pglite', 'postgres'] as const)('`ta state verify` on %s', (engine) => {
  describe.skipIf(engine === 'postgres' && !hasPostgres())('after a full rebuild that was interrupted', () => {
    let world: World;
    beforeAll(async () => {
      world = await createWorld({ engine, assets: 1, days: 40 });
      await runInside(['refresh', '--all', '--as-of', AS_OF], { root: world.root, env: world.env });
    });
    afterAll(() => world.drop());

    it('names what differs, with its two values', async () => {
      expect(await world.use((session) => verifyState(session, null))).toEqual([]);
      // the daily bars were built again, the timeframes were not yet: nothing but when and how often they were built differs
      await world.sql(`UPDATE cmc_price_bars_1d_state SET full_built_at = full_built_at + interval '1 hour'`);
      const built = await world.use((session) => verifyState(session, null));
      expect([...new Set(built.map(({ field }) => field))]).toEqual(['src_full_built_at']);
      await world.sql('UPDATE cmc_price_bars_1d_state SET revision = revision + 1');
      const revised = await world.use((session) => verifyState(session, null));
      expect([...new Set(revised.map(({ field }) => field))]).toEqual(['src_full_built_at', 'src_revision']);
      expect(revised.filter(({ state, actual }) => state === actual)).toEqual([]);
      expect(revised).toHaveLength(2 * built.length);
    });
  });
});
