/// <reference lib="dom" />
import { changedBars } from '../../pipeline/test/bar-edits.ts';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium, type Browser, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '@ta/state-store';
import { htmlPage, pageCollector, runChecks, validationRequest, type PageData } from '../src/index.ts';
import { changedEmas } from '../../pipeline/test/ema-edits.ts';
import { RolledBack, within } from './fixtures/planted.ts';
import { AS_OF_TS, refreshedDatabase } from './fixtures/refreshed-database.ts';

const PLACES = ['chromium-headless-shell', 'chromium', 'chromium-browser', 'google-chrome'].map(
  (name) => `/usr/bin/${name}`,
);
const CHROMIUM = process.env['CHROMIUM_PATH'] || PLACES.find(existsSync);
if (CHROMIUM === undefined) console.warn('SKIPPED in a browser: the page of a validation (no Chromium; CHROMIUM_PATH)');

/** What the probe of this kind of machine starts Chromium with: without a network it would ask for many things. */
const FLAGS = [
  ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'],
  ...['--disable-component-update', '--disable-sync', '--hide-scrollbars'],
];

/** A name that does harm wherever it is taken for markup. */
const HOSTILE = `</script><script>document.title='harmed'</script><img src=x onerror="document.title='harmed'">`;

describe.skipIf(CHROMIUM === undefined)('the page of a validation in Chromium', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'validation-page-'));
  const file = path.join(folder, 'page.html');
  const requests: string[] = [];
  const complaints: string[] = [];
  let data: PageData;
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    const database = await refreshedDatabase();
    data = await pageOfDefects(database);
    await database.close();
    writeFileSync(file, htmlPage(data));
    browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
    page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
    page.on('request', (request) => requests.push(request.url()));
    page.on('console', (message) => void (message.type() === 'error' && complaints.push(message.text())));
    page.on('pageerror', (error) => complaints.push(error.message));
    await page.goto(pathToFileURL(file).href);
  });
  afterAll(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const cards = () => page.locator('.finding').count();

  it('opens without asking for anything and without a complaint', async () => {
    await page.locator('.finding .chart canvas').first().waitFor();
    expect(requests).toStrictEqual([pathToFileURL(file).href]);
    expect(complaints).toStrictEqual([]);
    expect(await page.locator('h1').textContent()).toBe('ValidationFAILED');
    expect(await page.title()).toMatch(/^Validation failed: /);
  });

  it('shows values as text, whatever they hold', async () => {
    expect(await page.locator('.calendar b').allTextContents()).toContain(`900001 ${HOSTILE}`);
    expect(await page.locator('img').count()).toBe(0);
    expect(await page.title()).not.toContain('harmed');
  });

  it('shows the findings, the worst first, and filters them by severity, check, asset and text', async () => {
    const texts = await page.locator('.finding h3').allTextContents();
    expect(texts[0]).toMatch(/^CRITICALB\d\d /);
    expect(texts).toHaveLength(Math.min(40, data.findings.length));
    const count = (accept: (finding: PageData['findings'][number]) => boolean) =>
      Math.min(40, data.findings.filter(accept).length);

    await page.locator('input[name=CRITICAL]').uncheck();
    expect(await cards()).toBe(count(({ severity }) => severity !== 'CRITICAL'));
    expect(await page.locator('.finding .CRITICAL').count()).toBe(0);
    await page.locator('input[name=CRITICAL]').check();

    await page.locator('#filter-check').selectOption('B04');
    expect(await cards()).toBe(count(({ check }) => check === 'B04'));
    await page.locator('#filter-check').selectOption('');

    await page.locator('#filter-id').selectOption('900002');
    expect(await cards()).toBe(count(({ id }) => id === 900_002));
    await page.locator('#filter-id').selectOption('');

    await page.locator('#filter-text').fill('no such words');
    expect(await cards()).toBe(0);
    expect(await page.locator('#findings-list').textContent()).toContain('No finding matches');
    await page.locator('#filter-text').fill('');
    await page.locator('#checks tr[role=button]', { hasText: 'B16' }).first().click();
    expect(await page.locator('#filter-check').inputValue()).toBe('B16');
    await page.locator('#filter-check').selectOption('');
  });

  it('draws candles and the EMA at the place of a finding', async () => {
    for (const check of ['B04', 'E03']) {
      await page.locator('#filter-check').selectOption(check);
      const chart = page.locator('.finding .chart').first();
      await chart.scrollIntoViewIfNeeded();
      await chart.locator('canvas').first().waitFor();
      const colours = () =>
        chart.evaluate((element) => {
          const found = new Set<string>();
          for (const canvas of element.querySelectorAll('canvas')) {
            const { width, height } = canvas;
            if (width === 0 || height === 0) continue;
            const pixels = canvas.getContext('2d')?.getImageData(0, 0, width, height).data ?? [];
            for (let i = 0; i < pixels.length; i += 4) {
              if (pixels[i + 3] === 255) found.add([pixels[i], pixels[i + 1], pixels[i + 2]].join());
            }
          }
          return [...found];
        });
      // candles up and down, the mark, and over EMAs their line
      const wanted = ['42,143,109', '193,72,63', '163,22,31', ...(check === 'E03' ? ['128,87,184'] : [])];
      await expect.poll(colours).toEqual(expect.arrayContaining(wanted));
    }
    await page.locator('#filter-check').selectOption('');
  });

  it('paints gaps, rejects and repairs into the calendar', async () => {
    const years = page.locator('.calendar[data-id="900002"] canvas');
    await years.first().scrollIntoViewIfNeeded();
    const label = await years.first().getAttribute('aria-label');
    expect(label).toMatch(/2024: .*missing in the source.*rejected/);
    const painted = await years.first().evaluate((element) => {
      const canvas = element as HTMLCanvasElement;
      const pixels = canvas.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height).data ?? [];
      const counts: Record<string, number> = {};
      for (let i = 0; i < pixels.length; i += 4) {
        const key = [pixels[i], pixels[i + 1], pixels[i + 2], pixels[i + 3]].join();
        counts[key] = (counts[key] ?? 0) + 1;
      }
      return counts;
    });
    const { counts } = data.calendars.find(({ id }) => id === 900_002) as PageData['calendars'][number];
    // a cell is eight pixels wide and high
    expect(painted['224,165,38,255']).toBe(counts.g * 64);
    expect(painted['139,95,191,255']).toBe(counts.x * 64);
  });

  it('is dark where the reader wants it dark, charts and calendars too', async () => {
    await page.emulateMedia({ colorScheme: 'dark' });
    expect(await page.evaluate(() => getComputedStyle(document.body).backgroundColor)).toBe('rgb(20, 23, 26)');
    const chart = page.locator('.finding .chart').first();
    await chart.scrollIntoViewIfNeeded();
    const corner = () =>
      chart.evaluate((element) => {
        const canvas = element.querySelector('canvas');
        return [...(canvas?.getContext('2d')?.getImageData(1, 1, 1, 1).data ?? [])].join();
      });
    await expect.poll(corner).toBe('29,33,37,255');
    await page.emulateMedia({ colorScheme: 'light' });
    expect(complaints).toStrictEqual([]);
  });

  it('fits a narrow screen', async () => {
    await page.setViewportSize({ width: 420, height: 800 });
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(420);
    await page.setViewportSize({ width: 1280, height: 900 });
  });
});

/** Several defects at once, as a page shows them; nothing of them stays. */
async function pageOfDefects(database: Database): Promise<PageData> {
  let data: PageData | undefined;
  const planted = [
    `UPDATE dim_assets SET name = $1 WHERE id = 900001`,
    `UPDATE cmc_price_bars_1d SET high = close * 0.5 WHERE id = 900001 AND "timestamp" = '2024-05-15 23:59:59.999Z'`,
    changedBars(
      { table: 'cmc_price_bars_multi_tf', id: 900_001, tf: '7D', where: 'r.bar_seq IN (5, 6)' },
      'volume = volume * 2',
    ),
    changedEmas(
      { table: 'cmc_ema_multi_tf', id: 900_001, tf: '7D', period: 3, ts: `= '2024-05-15 23:59:59.999Z'` },
      'ema',
      (ema) => `${ema} * 3`,
    ),
    `DELETE FROM cmc_price_bars_multi_tf_cal_us WHERE id = 900001 AND tf = '1M_CAL'`,
    `UPDATE cmc_price_bars_1d_state SET last_src_ts = last_src_ts - interval '1 day' WHERE id = 900002`,
  ];
  try {
    await database.transaction(async (tx) => {
      for (const statement of planted) await tx.run(statement, statement.includes('$1') ? [HOSTILE] : []);
      const collector = pageCollector();
      const result = await runChecks(
        within(tx),
        validationRequest({ asOfTs: AS_OF_TS }),
        { finding: (finding) => collector.finding(finding) },
        () => 0,
        { afterChecks: (context) => collector.read(context) },
      );
      data = collector.finish(result, 'PGlite in memory');
      throw new RolledBack();
    });
  } catch (error) {
    if (!(error instanceof RolledBack)) throw error;
  }
  return data as PageData;
}
