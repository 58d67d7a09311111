import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { storageOf } from './ema-edits.ts';
import { applyEdit } from './history/apply-edit.ts';
import type { Edit } from './history/edit.ts';
import { performIdleRun, performRun } from './history/perform-run.ts';
import type { Run } from './history/run.ts';
import { rowVersions, touchedRows } from './row-versions.ts';
import { createTestDatabase, hasPostgres, SMALL_CATALOGUE, useCatalogue, type TestDatabase } from './test-database.ts';

const FULL: Run = { run: 'full', concurrency: 1, lookbackDays: 3 };
const WORLD = { ids: [1, 2], series: [], zone: 'UTC' };

const days = (asset: 0 | 1, count: number): Edit => ({
  edit: 'append',
  asset,
  rows: Array.from({ length: count }, (_, i) => ({
    afterDays: 1,
    closesAt: 'end' as const,
    shape: i % 7 === 3 ? ('no_open' as const) : ('plain' as const),
    open: 70,
    close: 60 + ((i * 5) % 13),
    reach: 1,
  })),
});

const ENGINE = hasPostgres() ? 'postgres' : 'pglite';

describe(`rows that a run leaves as they are, on ${ENGINE}`, () => {
  let test: TestDatabase;

  beforeAll(async () => {
    test = await createTestDatabase(ENGINE);
    await useCatalogue(test.database, SMALL_CATALOGUE);
    for (const asset of [0, 1] as const) await edit(days(asset, 40));
    await run(FULL);
  });
  afterAll(() => test.drop());

  const edit = (change: Edit) => test.database.transaction((tx) => applyEdit(tx, WORLD, change));
  const run = (kind: Run) => performRun(test.database, WORLD, kind, 'the run');
  const versions = (id: number) => test.database.session((session) => rowVersions(session, [id]));
  const newest = async (table: string, column: string, id: number) => {
    const [row] = await test.database.session((session) =>
      session.query<{ at: Date }>(`SELECT max(${column}) AS at FROM ${table} WHERE id = ${id}`),
    );
    return row?.at;
  };
  /** Which tables of an id a change and the run after it touched. */
  const touchedBy = async (id: number, change: () => Promise<void>) => {
    const before = await versions(id);
    await change();
    return touchedRows(before, await versions(id)).map((line) => line.split(' ')[0]);
  };

  it('without new data: all of them, and no ingestion time moves', async () => {
    const at = await newest('cmc_ema_multi_tf_u', 'ingested_at', 1);
    for (const id of WORLD.ids) expect(await touchedBy(id, () => performIdleRun(test.database, WORLD))).toEqual([]);
    expect(await newest('cmc_ema_multi_tf_u', 'ingested_at', 1)).toEqual(at);
  });

  it.each<[string, Edit]>([
    ['new rows', days(0, 2)],
    ['a corrected row', { edit: 'correct', asset: 0, at: 500, rows: 1, set: 'close = close + 1' }],
    ['a deleted row', { edit: 'delete', asset: 0, at: 300, rows: 1 }],
    ['a deleted state of the daily bars', { edit: 'forget', asset: 0, table: 'cmc_price_bars_1d_state' }],
    ['a deleted state of the EMAs', { edit: 'forget', asset: 0, table: 'cmc_ema_refresh_state' }],
  ])('after %s of one asset: all rows of the others', async (_, change) => {
    const touched = await touchedBy(2, async () => {
      await edit(change);
      await run(FULL);
    });
    expect(touched).toEqual([]);
  });

  it('after a full rebuild of one asset: all rows of the others', async () => {
    expect(await touchedBy(2, () => run({ run: 'rebuild', asset: 0 }))).toEqual([]);
  });

  it('after a deleted state of the daily bars: the daily bars, for the rest is built again', async () => {
    const touched = await touchedBy(1, async () => {
      await edit({ edit: 'forget', asset: 0, table: 'cmc_price_bars_1d_state' });
      await run(FULL);
    });
    expect(touched).toEqual(
      expect.arrayContaining(['cmc_price_bars_1d_state', 'bar_rows', 'ema_rows', 'cmc_ema_state']),
    );
    expect(touched).not.toContain('cmc_price_bars_1d');
    expect(touched).not.toContain('cmc_price_bars_1d_rejects');
  });

  it('after a deleted state of the EMAs: all bars, for only EMAs are built again', async () => {
    const touched = await touchedBy(1, async () => {
      await edit({ edit: 'forget', asset: 0, table: 'cmc_ema_refresh_state' });
      await run(FULL);
    });
    expect(touched.sort()).toEqual(['cmc_ema_refresh_state', 'cmc_ema_state', 'ema_rows']);
  });

  it('after a corrected row: every row before its day', async () => {
    const before = (at: string) =>
      test.database.session((session) =>
        session.query(`SELECT tableoid::int, xmin::text, ctid::text FROM ${storageOf('cmc_ema_multi_tf_u')} WHERE id = 1 AND ts < '${at}'
          UNION ALL SELECT tableoid::int, xmin::text, ctid::text FROM ${storageOf('cmc_price_bars_multi_tf_u')} WHERE id = 1 AND time_close < '${at}'
          UNION ALL SELECT tableoid::int, xmin::text, ctid::text FROM cmc_price_bars_1d WHERE id = 1 AND "timestamp" < '${at}'`),
      );
    const [row] = await test.database.session((session) =>
      session.query<{ ts: Date }>(
        'SELECT "timestamp" AS ts FROM cmc_price_bars_1d WHERE id = 1 ORDER BY 1 OFFSET 20 LIMIT 1',
      ),
    );
    const at = (row as { ts: Date }).ts.toISOString();
    const versionsBefore = await before(at);
    await test.database.session((session) =>
      session.run(`UPDATE cmc_price_histories7 SET close = close + 1 WHERE id = 1 AND "timestamp" = '${at}'`),
    );
    await run(FULL);
    expect(versionsBefore.length).toBeGreaterThan(200);
    expect(await before(at)).toEqual(versionsBefore);
  });
});
