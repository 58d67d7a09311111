import { verifyState } from '@ta/validation';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runInside } from './kit/run-inside.ts';
import { AS_OF, createWorld, hasPostgres, type World } from './kit/world.ts';

describe.each(['pglite', 'postgres'] as const)('`ta state verify` on %s', (engine) => {
  describe.skipIf(engine === 'postgres' && !hasPostgres())('after a full rebuild that was interrupted', () => {
    let world: World;
    beforeAll(async () => {
      world = await createWorld({ engine, assets: 1, days: 40, isKeptOpen: true });
      await runInside(['refresh', '--all', '--as-of', AS_OF], { root: world.root, env: world.env });
    });
    afterAll(() => world.drop());

    it('names what differs, with its two values', async () => {
      expect(await world.use((session) => verifyState(session, null))).toEqual([]);
      // the daily bars were built again, the timeframes were not yet: nothing but when and how often they were built differs
      await world.sql(`UPDATE cmc_price_bars_1d_state SET full_built_at = full_built_at + interval '1 hour'`);
      const built = await world.use((session) => verifyState(session, null));
      expect([...new Set(built.map(({ field }) => field))]).toEqual(['src_full_built_at']);
      await world.sql(
        `INSERT INTO cmc_price_bars_1d_revisions (id, revision, first_ts) SELECT id, revision + 1, last_src_ts FROM cmc_price_bars_1d_state`,
      );
      await world.sql('UPDATE cmc_price_bars_1d_state SET revision = revision + 1');
      const revised = await world.use((session) => verifyState(session, null));
      expect([...new Set(revised.map(({ field }) => field))]).toEqual(['src_full_built_at', 'src_revision']);
      expect(revised.filter(({ state, actual }) => state === actual)).toEqual([]);
      expect(revised).toHaveLength(2 * built.length);
      await world.sql('DELETE FROM cmc_price_bars_1d_revisions');
      await world.sql(
        `UPDATE cmc_price_bars_1d_state SET revision = 0, full_built_at = full_built_at - interval '1 hour'`,
      );
      expect(await world.use((session) => verifyState(session, null))).toEqual([]);
    });

    it('names a change of daily history that nobody made', async () => {
      expect(await foundAfter('UPDATE cmc_price_bars_1d_state SET revision = revision + 1')).toContain(
        'cmc_price_bars_1d_state null revision: 1 / 0',
      );
    });

    /** What is found while a statement is in force, as lines of text. */
    const foundAfter = (statement: string) =>
      world.use(async (session) => {
        await session.run('BEGIN');
        try {
          await session.run(statement);
          return (await verifyState(session, null)).map(
            ({ table, tf, field, state, actual }) =>
              `${table} ${String(tf)} ${field}: ${String(state)} / ${String(actual)}`,
          );
        } finally {
          await session.run('ROLLBACK');
        }
      });
    const day = `(SELECT "timestamp" FROM cmc_price_bars_1d ORDER BY 1 OFFSET 20 LIMIT 1)`;

    it.each([
      ['cmc_price_bars_1d', `"timestamp" = ${day}`, ['cmc_price_bars_1d null rows: 40 / 39']],
      [
        'cmc_price_bars_multi_tf',
        `tf = '7D' AND time_close = ${day}`,
        ['cmc_price_bars_multi_tf 7D rows since the first: 40 / 39'],
      ],
      [
        'cmc_ema_multi_tf',
        `tf = '1D' AND ts = ${day}`,
        [
          'cmc_ema_multi_tf 1D rows since the first of period 1: 40 / 39',
          'cmc_ema_multi_tf 1D rows since the first of period 2: 39 / 38',
          'cmc_ema_multi_tf 1D rows since the first of period 5: 36 / 35',
        ],
      ],
    ])('names rows that were deleted from the middle of %s', async (table, where, lines) => {
      const found = await foundAfter(`DELETE FROM ${table} WHERE ${where}`);
      // without a daily bar each row that is made of it is one too many
      const own = found.filter((one) => table !== 'cmc_price_bars_1d' || one.startsWith(`${table} `));
      expect(own).toEqual(lines);
    });

    it.each([
      ['cmc_price_bars_multi_tf_state', 'resume[20] = 1', 'resume: edited / as it was written'],
      ['cmc_price_bars_multi_tf_state', 'rows_seen = 7', 'resume: edited / as it was written'],
      ['cmc_ema_state', 'resume[20] = 1', 'resume multi_tf: edited / as it was written'],
      ...['cmc_price_bars_multi_tf_state', 'cmc_ema_state'].flatMap((table) =>
        [
          `resume = ('[0:' || cardinality(resume) - 1 || ']=' || resume::text)::float8[]`,
          `resume = ARRAY[resume]`,
          `rows_seen = 9223372036854775807`,
          'resume[1] = 1', // as in a state without a seal
        ].map((set): [string, string, string] => [
          table,
          set,
          `resume${table === 'cmc_ema_state' ? ' multi_tf' : ''}: edited / as it was written`,
        ]),
      ),
      ['cmc_ema_state', `periods = '[0:0]={9}'`, 'params_hash, periods multi_tf: others / those of a run'],
      ['cmc_ema_state', `periods = '{9}'`, 'params_hash, periods multi_tf: others / those of a run'],
    ])('names a state in %s in which a hand has changed %s', async (table, set, line) => {
      const where = table === 'cmc_ema_state' ? `tf = '7D' AND alignment_source = 'multi_tf'` : `tf = '7D'`;
      expect(await foundAfter(`UPDATE ${table} SET ${set} WHERE ${where}`)).toContain(`${table} 7D ${line}`);
    });
  });
});
