import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BUILDERS, COMPONENTS, countKinds, planRun, refresh, REFRESHERS, type RefreshRequest } from '@ta/pipeline';
import type { Session } from '@ta/state-store';
import { applyEdit, type EditedWorld } from './history/apply-edit.ts';
import { performRun, settingsOf } from './history/perform-run.ts';
import { plainDays } from './history/plain-days.ts';
import { interceptedDatabase } from './intercepted-database.ts';
import { createTestDatabase, hasPostgres, SMALL_CATALOGUE, useCatalogue, type TestDatabase } from './test-database.ts';

/** Of the statement that looks for changes beside the log. */
const LOOK = 'count(x.id) AS n FROM s LEFT JOIN cmc_price_bars_1d';

const ENGINES = hasPostgres() ? (['postgres', 'pglite'] as const) : (['pglite'] as const);

describe.each(ENGINES)('the plan of a run, on %s', (engine) => {
  const world: EditedWorld = { ids: [1], series: [], zone: 'UTC' };
  let test: TestDatabase;

  beforeAll(async () => {
    test = await createTestDatabase(engine);
    await useCatalogue(test.database, SMALL_CATALOGUE);
    await test.database.transaction((tx) => applyEdit(tx, world, plainDays(0, 40)));
    await performRun(test.database, world, { run: 'full', concurrency: 1, lookbackDays: 3 }, 'the first run');
  });
  afterAll(() => test.drop());

  const requestOf = async (part: Partial<RefreshRequest>): Promise<RefreshRequest> => ({
    ...{ components: COMPONENTS, builders: BUILDERS, refreshers: REFRESHERS, ids: world.ids },
    ...{ settings: await settingsOf(test.database, world), nowMs: 0, stalenessHours: 48, skipStaleCheck: true },
    ...{ continueOnError: false, concurrency: 1, ...part },
  });
  const planOf = async (part: Partial<RefreshRequest>) => {
    const request = await requestOf(part);
    return test.database.transaction((tx) => planRun(tx, request), { readOnly: true });
  };
  const perform = async (part: Partial<RefreshRequest>) => refresh(test.database, await requestOf(part), {}, () => 0);
  const planned = async (part: Partial<RefreshRequest> = {}) => {
    const plan = await planOf(part);
    return (component: 'bars' | 'emas', step: (typeof BUILDERS)[number] | (typeof REFRESHERS)[number]) =>
      Object.entries(countKinds(plan, component, step)).flatMap(([kind, n]) => (n > 0 ? [kind] : []));
  };
  const builder = (family: (typeof BUILDERS)[number]) =>
    performRun(
      test.database,
      world,
      { run: 'partial', builders: [family], refreshers: [], assets: [0], zone: null },
      'builder',
    );

  it('is up to date after a run', async () => {
    const kind = await planned();
    for (const step of BUILDERS) expect(kind('bars', step)).toEqual(['upToDate']);
    for (const step of REFRESHERS) expect(kind('emas', step)).toEqual(['upToDate']);
  });

  it('looks for changes that are not in the log where it is asked to, and only if it builds the days', async () => {
    const withoutTriggers = (change: string) =>
      test.database.transaction(async (tx) => {
        await tx.run('ALTER TABLE cmc_price_histories7 DISABLE TRIGGER USER');
        await tx.run(change);
        await tx.run('ALTER TABLE cmc_price_histories7 ENABLE TRIGGER USER');
      });
    const looked = async (part: Partial<RefreshRequest>) => {
      let looks = 0;
      const before = async (_call: number, _session: Session, sql: string) =>
        void (looks += Number(sql.includes(LOOK)));
      const watched = interceptedDatabase(test.database, { before });
      const request = await requestOf(part);
      const plan = await watched.transaction((tx) => planRun(tx, request), { readOnly: true });
      return [looks, countKinds(plan, 'bars', '1d').backfill];
    };
    await withoutTriggers(`CREATE TABLE kept AS SELECT * FROM cmc_price_histories7 WHERE "timestamp" =
      (SELECT "timestamp" FROM cmc_price_histories7 ORDER BY 1 OFFSET 20 LIMIT 1);
      DELETE FROM cmc_price_histories7 WHERE "timestamp" IN (SELECT "timestamp" FROM kept)`);
    try {
      expect(await looked({ isDeepCheck: true })).toEqual([1, 1]);
      expect(await looked({})).toEqual([0, 0]);
      expect(await looked({ isDeepCheck: true, components: ['emas'] })).toEqual([0, 0]);
      expect(await looked({ isDeepCheck: true, components: ['bars'], builders: ['cal_us'] })).toEqual([0, 0]);
    } finally {
      await withoutTriggers('INSERT INTO cmc_price_histories7 SELECT * FROM kept; DROP TABLE kept');
    }
  });

  it('a builder alone has nothing to do for an asset that only a row of the EMAs names', async () => {
    await test.database.transaction((tx) => tx.run('INSERT INTO cmc_ema_refresh_state (id) VALUES (2)'));
    const { assets } = await planOf({ components: ['bars'], builders: ['cal_us'], ids: [2] });
    const actions = assets.flatMap(({ steps }) => steps.map(({ action }) => action));
    expect(actions).toEqual([{ kind: 'noop', reason: 'nothing_stored' }]);
  });

  it('an asset whose rows are all refused has no EMAs to delete', async () => {
    await test.database.transaction(async (tx) => {
      await tx.run(`INSERT INTO dim_assets (id, name) VALUES (3, 'refused')`);
      await tx.run(
        `INSERT INTO cmc_price_histories7 (id, name, "timestamp", open) VALUES (3, 'refused', '2024-01-02 23:59:59.999Z', 1)`,
      );
    });
    try {
      for (const run of ['first', 'second']) {
        const { components } = await perform({ ids: [3], skipStaleCheck: false });
        expect(components[0]?.steps[0], run).toMatchObject({ step: '1d', errors: [] });
        expect(components[1], run).toMatchObject({ status: 'failed', note: 'no IDs with fresh bars', steps: [] });
      }
    } finally {
      await test.database.transaction((tx) => tx.run('DELETE FROM cmc_price_histories7 WHERE id = 3'));
    }
  });

  it('EMAs of bars that were built from nothing since are built from nothing', async () => {
    await test.database.transaction((tx) => tx.run('DELETE FROM cmc_price_bars_multi_tf_cal_us_state'));
    await builder('cal_us');
    const kind = await planned({ components: ['emas'] });
    expect(kind('emas', 'cal')).toEqual(['full']);
    expect(kind('emas', 'cal_anchor')).toEqual(['upToDate']);
  });

  it('EMAs of bars that the run itself builds from nothing are built from nothing', async () => {
    const spec = (text: string) =>
      `UPDATE cmc_price_bars_multi_tf_cal_iso_state SET spec = ${text} WHERE tf = '1M_CAL'`;
    await test.database.transaction((tx) => tx.run(spec(`'old ' || spec`)));
    const kind = await planned();
    expect(kind('bars', 'cal_iso')).toEqual(['full']);
    expect(kind('emas', 'cal')).toEqual(['full']);
    expect(kind('emas', 'multi_tf')).toEqual(['upToDate']);
    await test.database.transaction((tx) => tx.run(spec(`substr(spec, 5)`)));
  });

  it('EMAs whose bars a run does not bring forward are blocked', async () => {
    await test.database.transaction((tx) => applyEdit(tx, world, plainDays(0, 1)));
    const kind = await planned({ builders: ['1d', 'multi_tf'] });
    expect(kind('bars', '1d')).toEqual(['incremental']);
    expect(kind('emas', 'multi_tf')).toEqual(['incremental']);
    expect(kind('emas', 'cal')).toEqual(['blocked']);
  });

  it('a daily state that does not name the newest bar rebuilds everything, or blocks what may not rebuild it', async () => {
    await test.database.transaction((tx) =>
      tx.run('DELETE FROM cmc_price_bars_1d WHERE "timestamp" = (SELECT max("timestamp") FROM cmc_price_bars_1d)'),
    );
    const kind = await planned();
    for (const step of BUILDERS) expect(kind('bars', step)).toEqual(['full']);
    for (const step of REFRESHERS) expect(kind('emas', step)).toEqual(['full']);
    const without = await planned({ builders: ['cal_us'], continueOnError: true });
    expect(without('bars', 'cal_us')).toEqual(['blocked']);
    expect(without('emas', 'v2')).toEqual(['blocked']);
  });

  it('an asset whose source rows are all gone is cleared in every step', async () => {
    await test.database.transaction((tx) => tx.run('DELETE FROM cmc_price_histories7'));
    const kind = await planned();
    for (const step of BUILDERS) expect(kind('bars', step)).toEqual(['full']);
    for (const step of REFRESHERS) expect(kind('emas', step)).toEqual(['full']);
  });

  it('its EMAs go also where old bars are refused, and where no state names them any more', async () => {
    const clock = { skipStaleCheck: false, nowMs: Date.now() };
    const emas = () => test.database.session((session) => session.query('SELECT FROM cmc_ema_multi_tf_u LIMIT 1'));
    const kind = await planned(clock);
    for (const step of REFRESHERS) expect(kind('emas', step)).toEqual(['full']);
    await test.database.transaction((tx) => tx.run('DELETE FROM cmc_ema_state; DELETE FROM cmc_ema_refresh_state'));
    await perform({ ...clock, components: ['bars'] });
    expect(await emas()).toHaveLength(1);
    const report = await perform(clock);
    expect(report.components[1]).toMatchObject({ status: 'failed', note: 'no IDs with fresh bars' });
    expect(await emas()).toHaveLength(0);
    const again = await planned(clock);
    for (const step of REFRESHERS) expect(again('emas', step)).toEqual(['blocked']);
  });
});
