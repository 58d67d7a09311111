import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { finishRun, recordItems, startRun, type DatabaseEngine } from '@ta/state-store';
import type { Assets, Catalogue, Chart, Findings, Freshness, RunDetail, Runs } from '../src/api.ts';
import { createApp } from '../src/create-app.ts';
import { leaseDatabase } from '../src/database-lease.ts';
import { hasPostgres, type TestDatabase } from '../../pipeline/test/test-database.ts';
import { ASSETS, filledDatabase, NOW_MS } from './kit/filled-database.ts';

const HOST = '127.0.0.1:4180';

describe.each<DatabaseEngine>(hasPostgres() ? ['pglite', 'postgres'] : ['pglite'])('answers on %s', (engine) => {
  let test: TestDatabase;
  let app: Awaited<ReturnType<typeof createApp>>;

  beforeAll(async () => {
    test = await filledDatabase(engine);
    app = await createApp({
      access: leaseDatabase(async () => ({ database: test.database, close: async () => undefined }), null),
      page: new Map([['/', { type: 'text/html; charset=utf-8', bytes: new TextEncoder().encode('<!doctype html>') }]]),
      policy: { host: '127.0.0.1', port: 4180, token: null },
      target: 'a database',
      now: () => NOW_MS,
      maxAgeHours: 48,
    });
  });
  afterAll(() => test.drop());

  const get = async <T>(path: string): Promise<T> => {
    const answer = await app.request(`http://${HOST}${path}`, { headers: { host: HOST } });
    expect([path, answer.status]).toStrictEqual([path, 200]);
    return (await answer.json()) as T;
  };
  const sql = (text: string) => test.database.session((session) => session.query<Record<string, number>>(text));

  it('the catalogue names families, their timeframes, EMA tables and periods', async () => {
    const catalogue = await get<Catalogue>('/api/catalogue');
    expect(catalogue.periods).toStrictEqual([3, 9]);
    const short = catalogue.sources.map(({ source, timeframes, emaTables }) => [
      source,
      timeframes.join(' '),
      emaTables.map(({ table, hasBar }) => `${table}${hasBar ? '+bar' : ''}`).join(' '),
    ]);
    expect(short).toStrictEqual([
      ['1d', '1D', 'multi_tf multi_tf_v2'],
      ['multi_tf', '7D', 'multi_tf multi_tf_v2'],
      ['cal_iso', '1W_CAL_ISO 1M_CAL', 'multi_tf_cal_iso+bar'],
      ['cal_us', '1W_CAL_US 1M_CAL', 'multi_tf_cal_us+bar'],
      ['cal_anchor_iso', '1W_CAL_ANCHOR_ISO 1M_CAL_ANCHOR', 'multi_tf_cal_anchor_iso+bar'],
      ['cal_anchor_us', '1M_CAL_ANCHOR', 'multi_tf_cal_anchor_us+bar'],
    ]);
    expect((await get<Assets>('/api/assets')).assets).toStrictEqual(ASSETS);
  });

  it('the catalogue names the periods of the settings where they name some', async () => {
    await sql(`INSERT INTO ops_settings (name, value, run_id) VALUES ('periods', '[9, 33]', 'run')`);
    try {
      expect((await get<Catalogue>('/api/catalogue')).periods).toStrictEqual([9, 33]);
    } finally {
      await sql(`DELETE FROM ops_settings WHERE name = 'periods'`);
      // the names that requests are judged by are read with the catalogue
      await get<Catalogue>('/api/catalogue');
    }
  });

  it('every number of a chart is the stored one: bars, EMAs, gaps and rejects', async () => {
    const emas = 'multi_tf:3,multi_tf:9,multi_tf_v2:3';
    const chart = await get<Chart>(`/api/chart?id=900001&source=1d&tf=1D&emas=${emas}`);
    const rows =
      await sql(`SELECT extract(epoch FROM b."timestamp") * 1000 AS ts, open, high, low, close, volume, is_missing_days::int AS gap,
        (SELECT ema FROM cmc_ema_multi_tf e WHERE e.id = b.id AND e.ts = b."timestamp" AND e.tf = '1D' AND period = 3) AS m3,
        (SELECT ema FROM cmc_ema_multi_tf e WHERE e.id = b.id AND e.ts = b."timestamp" AND e.tf = '1D' AND period = 9) AS m9,
        (SELECT ema FROM cmc_ema_multi_tf_v2 e WHERE e.id = b.id AND e.ts = b."timestamp" AND e.tf = '1D' AND period = 3) AS v3
      FROM cmc_price_bars_1d b WHERE b.id = 900001 ORDER BY 1`);
    const column = (name: string) => rows.map((row) => row[name]);
    expect(rows.length).toBeGreaterThan(180);
    expect(chart.bars.timeClose).toStrictEqual(column('ts'));
    for (const name of ['open', 'high', 'low', 'close', 'volume'] as const) {
      expect(chart.bars[name]).toStrictEqual(column(name));
    }
    expect(chart.emas.map(({ values }) => values)).toStrictEqual([column('m3'), column('m9'), column('v3')]);
    expect(chart.bars.missingDays.map((days) => Number(days !== 0))).toStrictEqual(column('gap'));
    expect(chart.bars.missingDays.filter((days) => days === 2).length).toBeGreaterThan(1);
    const refused = await sql(
      `SELECT extract(epoch FROM "timestamp") * 1000 AS ts FROM cmc_price_bars_1d_rejects WHERE id = 900001 ORDER BY 1`,
    );
    expect(refused.length).toBeGreaterThan(0);
    expect(chart.rejects.map(({ ts }) => ts)).toStrictEqual(refused.map(({ ts }) => ts));
    expect(chart.isCut).toBe(false);
    const whole = await get<Chart>(`/api/chart?id=900001&source=1d&tf=1D&emas=&limit=${rows.length}`);
    expect([whole.bars.timeClose.length, whole.isCut]).toStrictEqual([rows.length, false]);
  });

  it('a chart has the rejects before its first bar unless older bars exist, and those after its newest one', async () => {
    const plant = (day: string) =>
      sql(
        `INSERT INTO cmc_price_bars_1d_rejects (id, tf, "timestamp", reason) VALUES (900001, '1D', '${day}', 'null_open')`,
      );
    const [early, late] = ['2023-01-01T23:59:59.999Z', '2024-07-09T23:59:59.999Z'];
    const planted = async (limit: number) => {
      const { rejects } = await get<Chart>(`/api/chart?id=900001&source=1d&tf=1D&emas=&limit=${limit}`);
      return [early, late].map((day) => rejects.filter(({ ts }) => ts === Date.parse(day)).length);
    };
    for (const day of [early, late, '-infinity', 'infinity']) await plant(day);
    try {
      expect([await planted(4_000), await planted(5)]).toStrictEqual([
        [1, 1],
        [0, 1],
      ]);
    } finally {
      await sql(
        `DELETE FROM cmc_price_bars_1d_rejects WHERE "timestamp" IN ('${early}', '${late}', '-infinity', 'infinity')`,
      );
    }
  });

  it('the days of a chart are those that are stored, of the zone that is named', async () => {
    const read = () => get<Chart>('/api/chart?id=900001&source=1d&tf=1D&emas=');
    const here = await read();
    const stored = await sql(
      `SELECT day - date '1970-01-01' AS day FROM cmc_price_bars_1d WHERE id = 900001 ORDER BY 1`,
    );
    expect([here.zone, here.bars.closeDay]).toStrictEqual(['UTC', stored.map(({ day }) => day)]);
    await sql(`UPDATE cmc_price_bars_1d_state SET tz = 'Asia/Tokyo' WHERE id = 900001`);
    const there = await read();
    await sql(`UPDATE cmc_price_bars_1d_state SET tz = 'UTC' WHERE id = 900001`);
    // closes at 23:59:59.999Z are the morning of the next day
    expect([there.zone, there.bars.closeDay]).toStrictEqual(['Asia/Tokyo', here.bars.closeDay.map((day) => day + 1)]);
    expect(there.rejects.length).toBe(here.rejects.length);
  });

  it('a calendar chart has one bar per week, open and unclosed ones marked, with both EMA series at its closes', async () => {
    const path = '/api/chart?id=900001&source=cal_iso&tf=1W_CAL_ISO&emas=multi_tf_cal_iso:3,multi_tf_cal_iso:3:bar';
    const chart = await get<Chart>(path);
    const rows =
      await sql(`SELECT * FROM (SELECT DISTINCT ON (b.bar_seq) extract(epoch FROM b.time_close) * 1000 AS ts, b.close, b.is_partial_end::int AS partial,
        e.ema, e.ema_bar FROM cmc_price_bars_multi_tf_cal_iso b
        LEFT JOIN cmc_ema_multi_tf_cal_iso e ON e.id = b.id AND e.ts = b.time_close AND e.tf = b.tf AND e.period = 3
      WHERE b.id = 900001 AND b.tf = '1W_CAL_ISO' ORDER BY b.bar_seq, b.time_close DESC) x ORDER BY ts`);
    expect(chart.bars.timeClose).toStrictEqual(rows.map(({ ts }) => ts));
    expect(chart.bars.close).toStrictEqual(rows.map(({ close }) => close));
    expect(chart.bars.isPartialEnd).toStrictEqual(rows.map(({ partial }) => partial));
    expect(chart.emas[0]?.values).toStrictEqual(rows.map(({ ema }) => ema));
    expect(chart.emas[1]?.values).toStrictEqual(rows.map(({ ema_bar }) => ema_bar));
    const short = await get<Chart>(`${path}&limit=5`);
    expect(short.bars.timeClose).toStrictEqual(chart.bars.timeClose.slice(-5));
    expect(short.isCut).toBe(true);
    const isCutAt = async (limit: number) => (await get<Chart>(`${path}&limit=${limit}`)).isCut;
    expect([await isCutAt(rows.length - 1), await isCutAt(rows.length)]).toStrictEqual([true, false]);
  });

  it('the freshness map tells fresh, stale, failed and empty apart, a page at a time', async () => {
    const map = await get<Freshness>('/api/freshness');
    expect(map.steps.length).toBe(12);
    expect(map.rows.map(({ id }) => id)).toStrictEqual([900_001, 900_002, 900_003]);
    const statuses = map.rows.map(({ cells }) => cells.map(({ status }) => status));
    expect(statuses[0]).toStrictEqual(new Array(12).fill('fresh'));
    expect(statuses[1]).toStrictEqual(map.steps.map((step) => (step === 'cal_us' ? 'failed' : 'stale')));
    expect(statuses[2]).toStrictEqual(new Array(12).fill('never'));
    expect(map.next).toBe(null);
    const first = await get<Freshness>('/api/freshness?limit=2');
    expect([first.rows.length, first.next]).toStrictEqual([2, 900_002]);
    const rest = await get<Freshness>('/api/freshness?limit=2&after=900002');
    expect(rest.rows).toStrictEqual(map.rows.slice(2));

    await test.database.session((session) =>
      session.run(
        `UPDATE cmc_price_histories7 SET volume = volume + 1 WHERE id = 900001 AND "timestamp" > '2024-06-29'`,
      ),
    );
    const changed = await get<Freshness>('/api/freshness');
    expect(changed.rows[0]?.cells[0]).toMatchObject({ status: 'pending' });
    await test.database.session((session) => session.run('DELETE FROM cmc_price_histories7_changes'));
  });

  it('the freshness map shows the failures of the newest run of each shard', async () => {
    // after the runs that are there
    const at = (minute: number) => new Date(NOW_MS - 2_700_000 + minute * 60_000);
    const run = async (shard: string | null, [start, end]: readonly [number, number], failed: [number, string][]) => {
      const runId = `at-${start}`;
      await test.database.session(async (session) => {
        const args = shard === null ? {} : { shard };
        await startRun(session, { runId, command: 'refresh', args, host: 'h', pid: 1, startedAt: at(start) });
        const item = { component: 'bars', status: 'failed', error: runId, finishedAt: at(end) } as const;
        await recordItems(
          session,
          runId,
          failed.map(([id, step]) => ({ ...item, id, step })),
        );
        await finishRun(session, runId, { status: 'failed', finishedAt: at(end), exitCode: 1 });
      });
    };
    const failures = async () => {
      const { rows, steps } = await get<Freshness>('/api/freshness');
      return rows.flatMap(({ id, cells }) =>
        cells.flatMap(({ status, why }, i) => (status === 'failed' ? [[id, steps[i], why.split(': ')[1]]] : [])),
      );
    };
    try {
      await run('0/2', [1, 2], [[900_001, 'multi_tf']]);
      await run(null, [3, 4], [[900_001, '1d']]);
      expect(await failures()).toStrictEqual([[900_001, '1d', 'at-3']]);
      await run('1/3', [5, 6], [[900_002, '1d']]);
      await run('0/2', [7, 8], [[900_001, 'cal_iso']]);
      await run('0/2', [9, 20], [[900_001, 'cal_us']]);
      await run('1/2', [21, 22], [[900_002, 'cal_us']]);
      expect(await failures()).toStrictEqual([
        [900_001, 'cal_us', 'at-9'],
        [900_002, 'cal_us', 'at-21'],
      ]);
    } finally {
      await sql(`DELETE FROM ops_runs WHERE run_id LIKE 'at-%'`);
    }
  });

  it('runs come with durations and failures, one of them by step', async () => {
    const { runs } = await get<Runs>('/api/runs');
    expect(runs.map(({ runId, status, failedItems, items }) => [runId, status, failedItems, items])).toStrictEqual([
      ['run-2', 'failed', 1, 1],
      ['run-1', 'ok', 0, 2],
    ]);
    const { steps } = await get<RunDetail>('/api/run?run=run-1');
    expect(steps).toStrictEqual([
      ...[{ component: 'bars', step: '1d', status: 'ok', items: 2, rowsWritten: 370, rejected: 3, busyMs: 120_000 }],
    ]);
    const { failures } = await get<RunDetail>('/api/run?run=run-2');
    expect(failures).toStrictEqual([
      ...[{ component: 'bars', step: 'cal_us', id: 900_002, error: 'STORE_DISK_FULL: no space left' }],
    ]);
    expect((await get<RunDetail>('/api/run?run=nothing')).run).toBe(null);
  });

  it('findings come newest first', async () => {
    const { results, next } = await get<Findings>('/api/findings');
    expect(results.map(({ check, table }) => [check, table])).toStrictEqual([
      ['B03', 'cmc_price_bars_1d'],
      ['B03', null],
    ]);
    expect(next).toBe(null);
    const [{ runId, checkedMs }] = results.slice(1);
    expect((await get<Findings>('/api/findings?limit=1')).next).toStrictEqual({ runId, checkedMs });
  });

  it('what reads cannot write', async () => {
    const access = leaseDatabase(async () => ({ database: test.database, close: async () => undefined }), null);
    const attempt = access.read((session) => session.run('DELETE FROM dim_assets'));
    await expect(attempt).rejects.toMatchObject({ code: 'STORE_READ_ONLY' });
  });
});
