import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Served } from '@ta/dashboard-server';
import { BUILDERS, loadSettings, REFRESHERS, refresh } from '@ta/pipeline';
import { syntheticPrices } from '@ta/price-import';
import { saveAsset, upsertSourceRows } from '@ta/state-store';
import { readRealPrices } from '../../../libs/pipeline/test/real-prices.ts';
import {
  createTestDatabase,
  hasPostgres,
  useCatalogue,
  type TestDatabase,
} from '../../../libs/pipeline/test/test-database.ts';
import { findChromium, openBrowser } from './kit/browser.ts';
import { builtPage, servePage } from './kit/served-page.ts';

const executable = findChromium();
const PICTURES = process.env['TA_PICTURES'];
const PERIODS = [9, 21, 50, 100, 200];
const EMAS = PERIODS.map((period) => `multi_tf:${period}`).join(',');

describe.skipIf(executable === null)('the chart page on much data', () => {
  let test: TestDatabase;
  let served: Served;
  let pageDir: string;
  let browser: Awaited<ReturnType<typeof openBrowser>>;
  let page: Page;
  let days = 0;
  let nowMs = 0;

  beforeAll(async () => {
    test = await createTestDatabase(hasPostgres() ? 'postgres' : 'pglite');
    const { database } = test;
    await useCatalogue(database, { timeframes: ['1D', '1W_CAL_ISO', '1M_CAL'], periods: PERIODS });
    const asset = { id: 1, name: 'synthetic coin', symbol: 'SYN' };
    const [real] = await readRealPrices();
    const prices = real ?? syntheticPrices({ seed: 1, days: 4_000, lastDay: '2025-10-26', asset });
    await database.transaction(async (tx) => {
      await saveAsset(tx, real === undefined ? asset : { id: 1, name: 'Bitcoin', symbol: 'BTC' });
      await upsertSourceRows(tx, prices);
    });
    const settings = await database.session((session) => loadSettings(session, { runId: 'large', zone: 'UTC' }));
    const [{ newest }] = await database.session((session) =>
      session.query<{ newest: Date }>('SELECT max("timestamp") AS newest FROM cmc_price_histories7'),
    );
    nowMs = newest.getTime() + 6 * 3_600_000;
    const request = {
      ...{ components: ['bars', 'emas'] as const, builders: BUILDERS, refreshers: REFRESHERS, settings, ids: [1] },
      ...{ nowMs, stalenessHours: 48, skipStaleCheck: true, continueOnError: false, concurrency: 1 },
    };
    await refresh(database, request, {}, () => 0);
    await database.session(async (session) => {
      // ten thousand days of one asset, and five thousand assets with everything built
      await session.run(`INSERT INTO dim_assets (id, name) SELECT n, 'asset ' || n FROM generate_series(2, 5000) n`);
      await session.run(`INSERT INTO cmc_price_bars_1d (id, "timestamp", bar_seq, time_open, time_close, time_high, time_low, open, high, low, close, is_missing_days, day, day_from, day_until)
        SELECT 2, t, n, t, t, t, t, 100 + n % 50, 103 + n % 50, 98 + n % 50, 101 + n % 50, false, date '1998-01-01' + n::int, t, t
        FROM (SELECT n, '1998-01-01 23:59:59.999Z'::timestamptz + n * interval '1 day' AS t FROM generate_series(1, 10000) n) d`);
      await session.run(`INSERT INTO cmc_price_bars_1d_state (id, last_src_ts, full_built_at, tz, day_rules)
        SELECT n, s.last_src_ts - (n % 7) * interval '1 day', s.full_built_at, 'UTC', 'UTC'
        FROM cmc_price_bars_1d_state s, generate_series(2, 5000) n WHERE s.id = 1`);
      for (const family of [
        'multi_tf',
        'multi_tf_cal_iso',
        'multi_tf_cal_us',
        'multi_tf_cal_anchor_iso',
        'multi_tf_cal_anchor_us',
      ]) {
        await session.run(`INSERT INTO cmc_price_bars_${family}_state (id, tf, tz, spec, daily_max_seen, src_full_built_at, src_revision, full_built_at, resume)
          SELECT d.id, tf, 'UTC', 'x', d.last_src_ts, d.full_built_at, 0, d.full_built_at, '{1,2,3}'
          FROM cmc_price_bars_1d_state d, unnest(ARRAY['1W', '1M']) tf WHERE d.id > 1`);
      }
      await session.run(`INSERT INTO cmc_ema_state (id, alignment_source, tf, params_hash, periods, daily_max_seen, daily_full_built_at, resume)
        SELECT d.id, a, tf, 'x', '{9}', d.last_src_ts, d.full_built_at, '{1,2,3}'
        FROM cmc_price_bars_1d_state d, unnest(enum_range(NULL::ema_alignment_source)) a, unnest(ARRAY['1W', '1M']) tf WHERE d.id > 1`);
      await session.run('ANALYZE');
      [{ days }] = await session.query<{ days: number }>('SELECT count(*) AS days FROM cmc_price_bars_1d WHERE id = 1');
    });
    pageDir = await builtPage();
    served = await servePage(database, pageDir, nowMs, real === undefined ? 'made-up prices' : 'real prices');
    browser = await openBrowser(executable as string);
    page = await browser.context.newPage();
  });
  afterAll(async () => {
    await browser?.close();
    await served?.close();
    await test?.drop();
  });

  const picture = async (name: string): Promise<void> => {
    if (PICTURES === undefined) return;
    await mkdir(PICTURES, { recursive: true });
    // what the theme or the scale changed is drawn
    await page.waitForTimeout(200);
    await page.screenshot({ path: path.join(PICTURES, `${name}.png`) });
  };
  const painted = async (hash: string): Promise<number> => {
    await page.goto('about:blank');
    await page.goto(`${served.url}${hash}`);
    const plot = page.locator('.plot[data-painted-ms]');
    await plot.waitFor();
    return Number(await plot.getAttribute('data-painted-ms'));
  };

  it('4,000 bars with 5 EMAs are painted', async () => {
    const ms = await painted(`#/chart?id=1&source=1d&tf=1D&emas=${EMAS}&limit=4000`);
    expect(Number(await page.locator('.plot').getAttribute('data-bars'))).toBe(days);
    process.stdout.write(`First paint of ${days} bars with 5 EMAs: ${ms} ms after navigation in a new browser\n`);
    await page.locator('#log').check();
    await picture('chart');
    await page.locator('#theme').selectOption('dark');
    await page.locator('#timeframe').selectOption('cal_iso|1M_CAL');
    await page.locator('.plot[data-shown*="1M_CAL"]').waitFor();
    await picture('chart-dark');
    await page.locator('#theme').selectOption('auto');
  });

  it.each([
    {
      source: 'cal_iso',
      tf: '1W_CAL_ISO',
      bars: 'cmc_price_bars_multi_tf_cal_iso',
      own: 'b.tf = e.tf',
      close: 'time_close',
    },
    // here bars are narrower than a pixel and drawn together: the pointer still finds each of them
    { source: '1d', tf: '1D', bars: 'cmc_price_bars_1d', own: 'true', close: '"timestamp"' },
  ])('numbers of $tf are those of the database', async ({ source, tf, bars, own, close }) => {
    const emas = source === '1d' ? 'multi_tf' : 'multi_tf_cal_iso';
    await painted(`#/chart?id=1&source=${source}&tf=${tf}&emas=${emas}:9&limit=4000`);
    const box = await page.locator('.plot').boundingBox();
    if (box === null) throw new Error('there is no plot');
    await page.mouse.move(box.x + box.width * 0.6, box.y + 50);
    const field = (name: string) => page.locator(`[data-field="${name}"]`).innerText();
    const day = await field('timeClose');
    const [row] = await test.database.session((session) =>
      session.query<Record<string, number>>(
        `SELECT b.open, b.high, b.low, b.close, b.volume, e.ema FROM ${bars} b
         JOIN cmc_ema_${emas} e ON e.id = b.id AND e.ts = b.${close} AND e.tf = $1 AND e.period = 9
         WHERE b.id = 1 AND ${own} AND b.${close} = $2`,
        [tf, `${day} 23:59:59.999Z`],
      ),
    );
    for (const name of ['open', 'high', 'low', 'close', 'volume']) expect(await field(name)).toBe(String(row[name]));
    expect(await field(`ema:${emas}:9:ema`)).toBe(String(row['ema']));
  });

  it('10,000 bars are painted', async () => {
    const ms = await painted('#/chart?id=2&source=1d&tf=1D&emas=&limit=10000');
    expect(await page.locator('.plot').getAttribute('data-bars')).toBe('10000');
    process.stdout.write(`First paint of 10000 bars: ${ms} ms after navigation\n`);
  });

  it('the freshness map of 5,000 assets is there', async () => {
    await page.goto(`${served.url}#/freshness`);
    const view = page.locator('.freshness-view[data-assets="5000"]');
    await view.waitFor();
    const ms = Number(await view.getAttribute('data-loaded-ms'));
    process.stdout.write(`Freshness of 5000 assets: ${ms} ms\n`);
    expect(await page.locator('table.map tbody tr').count()).toBe(100);
    await page.locator('#order').selectOption('id');
    await page.locator('td[data-id="9"][data-step="cal_iso"]').hover();
    await picture('freshness');
    await page.getByRole('button', { name: 'Next' }).click();
    expect(await page.locator('table.map tbody th').first().innerText()).toContain('101 ');
  });
});
