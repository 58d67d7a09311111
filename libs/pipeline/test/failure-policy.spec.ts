import { loadSettings, refresh, type RefreshObserver, type RefreshRequest, type RunReport } from '@ta/pipeline';
import { syntheticAssets, syntheticPrices } from '@ta/price-import';
import { saveAsset, StoreError, upsertSourceRows, type Database } from '@ta/state-store';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { interceptedDatabase } from './intercepted-database.ts';
import {
  clearDatabase,
  createTestDatabase,
  hasPostgres,
  SMALL_CATALOGUE,
  useCatalogue,
  type TestDatabase,
} from './test-database.ts';

const LAST_DAY = '2024-03-31';
const ASSETS = syntheticAssets(3, 1);
const IDS = ASSETS.map((asset) => asset.id);

describe('failure policy', () => {
  let test: TestDatabase;
  beforeAll(async () => {
    test = await createTestDatabase(hasPostgres() ? 'postgres' : 'pglite');
    await useCatalogue(test.database, SMALL_CATALOGUE);
  });
  beforeEach(async () => {
    await clearDatabase(test.database);
    await fill();
  });
  afterAll(() => test.drop());

  const fill = () =>
    test.database.transaction(async (tx) => {
      for (const asset of ASSETS) {
        await saveAsset(tx, asset);
        await upsertSourceRows(tx, syntheticPrices({ seed: 1, days: 25, lastDay: LAST_DAY, asset }));
      }
    });

  const run = async (
    database: Database,
    changes: Partial<RefreshRequest> = {},
    observer: RefreshObserver = {},
  ): Promise<RunReport> => {
    const settings = await database.session((session) => loadSettings(session, { runId: 'test', zone: 'UTC' }));
    const request: RefreshRequest = {
      components: ['bars', 'emas'],
      builders: ['1d', 'multi_tf', 'cal_iso', 'cal_us', 'cal_anchor_iso', 'cal_anchor_us'],
      refreshers: ['multi_tf', 'cal', 'cal_anchor', 'v2'],
      ids: IDS,
      settings,
      nowMs: Date.parse('2024-04-01T06:00:00Z'),
      stalenessHours: 48,
      skipStaleCheck: false,
      continueOnError: false,
      concurrency: 1,
      reconnectDelaysMs: [1, 1, 1],
      ...changes,
    };
    return refresh(database, request, observer, () => performance.now());
  };

  /** Fails the COPY into the US calendar bars of one id; `error` is made anew each time, at most `times` times. */
  const failing = (id: number, error: () => Error, times = Number.POSITIVE_INFINITY): Database => {
    let isOfId = false;
    let left = times;
    return interceptedDatabase(test.database, {
      async before(_call, _session, sql) {
        // an item begins by taking its changes out of the log
        if (sql.includes('DELETE FROM cmc_price_histories7_changes')) isOfId = new RegExp(`id = ${id}\\b`).test(sql);
        if (!isOfId || !/COPY .*bar_rows_cal_us"? .*FROM/s.test(sql) || left-- <= 0) return;
        throw error();
      },
    });
  };
  /** Commits the first bars, and then loses the connection before the answer has come. */
  const cutAfterCommit = (): Database => {
    let isOfBars = false;
    let left = 1;
    const seen = interceptedDatabase(test.database, {
      async before(_call, _session, sql) {
        isOfBars ||= sql.includes('DELETE FROM cmc_price_histories7_changes');
      },
    });
    return {
      ...seen,
      async transaction(fn, options) {
        const value = await seen.transaction(fn, options);
        if (isOfBars && left-- > 0) throw new StoreError('STORE_CONNECTION_LOST', 'The connection was cut by a test.');
        return value;
      },
    };
  };
  const rowsOf = async (table: string, id: number): Promise<number> => {
    const [row] = await test.database.session((session) =>
      session.query<{ n: number }>(`SELECT count(*) AS n FROM ${table} WHERE id = ${id}`),
    );
    return (row as { n: number }).n;
  };
  const broken = () => new StoreError('STORE_QUERY', 'planted failure');

  it('stops after a failing item: its step is rolled back, later steps, ids and EMAs do not run', async () => {
    const report = await run(failing(2, broken));
    expect(report.failedIds).toEqual([2]);
    expect(report.components.map(({ component, status }) => [component, status])).toEqual([
      ['bars', 'failed'],
      ['emas', 'skipped'],
    ]);
    expect(report.components[0]?.note).toBe('1 of 3 IDs failed: [2]');
    expect(await rowsOf('cmc_price_bars_multi_tf_cal_iso', 2)).toBeGreaterThan(0);
    expect(await rowsOf('cmc_price_bars_multi_tf_cal_us', 2)).toBe(0);
    expect(await rowsOf('cmc_price_bars_multi_tf_cal_us_state', 2)).toBe(0);
    expect(await rowsOf('cmc_price_bars_multi_tf_cal_anchor_us', 2)).toBe(0);
    expect(await rowsOf('cmc_price_bars_1d', 3)).toBe(0);
    expect(await rowsOf('cmc_ema_multi_tf_u', 1)).toBe(0);
  });

  it('goes on with --continue-on-error and still reports the failure', async () => {
    const report = await run(failing(2, broken), { continueOnError: true });
    expect(report.components.map(({ status }) => status)).toEqual(['failed', 'ok']);
    expect(report.staleIds).toEqual([2]);
    expect(await rowsOf('cmc_price_bars_multi_tf_cal_anchor_us', 2)).toBeGreaterThan(0);
    expect(await rowsOf('cmc_ema_multi_tf_u', 2)).toBe(0);
    expect(await rowsOf('cmc_ema_multi_tf_u', 1)).toBeGreaterThan(0);
    expect(await rowsOf('cmc_ema_multi_tf_u', 3)).toBeGreaterThan(0);
  });

  it('recovers by running again: only what is missing is done', async () => {
    await run(failing(2, broken));
    const report = await run(test.database);
    expect(report.components.map(({ status }) => status)).toEqual(['ok', 'ok']);
    const [daily] = report.components[0]?.steps ?? [];
    expect(daily?.ids).toEqual({ ok: 1, upToDate: 2, failed: 0, skipped: 0 });
    const again = await run(test.database);
    expect(again.components.flatMap(({ steps }) => steps.map(({ rows }) => rows.written))).toEqual(Array(10).fill(0));
  });

  it('tries a lost connection three times before it gives up', async () => {
    const lost = () => new StoreError('STORE_CONNECTION_LOST', 'planted loss');
    const recovered = await run(failing(2, lost, 3));
    expect(recovered.failedIds).toEqual([]);
    expect(await rowsOf('cmc_price_bars_multi_tf_cal_us', 2)).toBeGreaterThan(0);
  });

  it('does an item again whose transaction lost to another session', async () => {
    const deadlock = () => new StoreError('STORE_CONFLICT', 'planted deadlock', { sqlstate: '40P01' });
    const recovered = await run(failing(2, deadlock, 2), { conflictDelaysMs: [1, 1] });
    expect(recovered.failedIds).toEqual([]);
    expect(await rowsOf('cmc_price_bars_multi_tf_cal_us', 2)).toBeGreaterThan(0);
    await clearDatabase(test.database);
    await fill();
    const lost = await run(failing(2, deadlock), { conflictDelaysMs: [1, 1], continueOnError: true });
    expect(lost.failedIds).toEqual([2]);
    expect(await rowsOf('cmc_price_bars_1d', 2)).toBe(0);
    expect(await rowsOf('cmc_price_bars_1d', 3)).toBeGreaterThan(0);
  });

  it('ends in both modes when the connection stays away', async () => {
    const lost = () => new StoreError('STORE_CONNECTION_LOST', 'planted loss');
    const report = await run(failing(2, lost), { continueOnError: true, components: ['bars'] });
    expect(report.failedIds).toEqual([2]);
    expect(await rowsOf('cmc_price_bars_1d', 2)).toBe(0);
    expect(await rowsOf('cmc_price_bars_1d', 3)).toBe(0);
  });

  it('never counts an id without fresh bars as done', async () => {
    const report = await run(test.database, { components: ['emas'] });
    expect(report.components[0]).toMatchObject({ status: 'failed', note: 'no IDs with fresh bars' });
  });

  it.each([[[41]], [[41, 42]]])('warns once of ids without prices, here %j', async (ids) => {
    const told: unknown[] = [];
    const report = await run(test.database, { ids, components: ['bars'] }, { notice: (...of) => void told.push(of) });
    expect(report.failedIds).toEqual([]);
    expect(told).toEqual([[expect.objectContaining({ level: 'warning', event: 'missing_data' }), ids]]);
  });

  it('rolls the step in flight back when it is told to end', async () => {
    const controller = new AbortController();
    const database = interceptedDatabase(test.database, {
      async before(_call, _session, sql) {
        if (/COPY .*bar_rows_cal_iso"? .*FROM/s.test(sql)) controller.abort(new Error('interrupted'));
      },
    });
    const report = await run(database, { signal: controller.signal });
    expect(report.components[0]).toMatchObject({ status: 'failed', note: 'interrupted' });
    expect(await rowsOf('cmc_price_bars_multi_tf', 1)).toBeGreaterThan(0);
    expect(await rowsOf('cmc_price_bars_multi_tf_cal_iso', 1)).toBe(0);
    expect(await rowsOf('cmc_price_bars_1d', 2)).toBe(0);
  });

  it('an item that was committed when its connection was lost gets its EMAs in the same run', async () => {
    await run(test.database);
    const [id] = IDS;
    await test.database.session((session) =>
      session.run(`INSERT INTO cmc_price_histories7 (id, name, "timestamp", open, high, low, close)
        SELECT id, name, "timestamp" + interval '1 day', open, high, low, close FROM cmc_price_histories7
        WHERE id = ${id} ORDER BY "timestamp" DESC LIMIT 1`),
    );
    const report = await run(cutAfterCommit(), { ids: [id] });
    expect(report.components.map(({ status }) => status)).toEqual(['ok', 'ok']);
    const newest = await test.database.session((session) =>
      session.query(`SELECT (SELECT max("timestamp") FROM cmc_price_bars_1d WHERE id = ${id})::text AS bar,
        (SELECT max(ts) FROM cmc_ema_multi_tf_u WHERE id = ${id})::text AS ema`),
    );
    const day = '2024-04-01 23:59:59.999+00';
    expect(newest).toEqual([{ bar: day, ema: day }]);
  });
});
