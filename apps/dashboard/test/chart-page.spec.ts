import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { Page, Route } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Served } from '@ta/dashboard-server';
import { hasPostgres, type TestDatabase } from '../../../libs/pipeline/test/test-database.ts';
import { ASSETS, filledDatabase, NOW_MS } from '../../../libs/dashboard-server/test/kit/filled-database.ts';
import { findChromium, openBrowser } from './kit/browser.ts';
import { builtPage, servePage } from './kit/served-page.ts';

const executable = findChromium();
/** Where pictures go; none are taken without. */
const PICTURES = process.env['TA_PICTURES'];

describe.skipIf(executable === null)('the chart page in a browser', () => {
  let test: TestDatabase;
  let served: Served;
  let pageDir: string;
  let browser: Awaited<ReturnType<typeof openBrowser>>;
  let page: Page;
  const problems: string[] = [];

  beforeAll(async () => {
    test = await filledDatabase(hasPostgres() ? 'postgres' : 'pglite');
    pageDir = await builtPage();
    served = await servePage(test.database, pageDir, NOW_MS, 'a database with made-up prices');
    browser = await openBrowser(executable as string);
    page = await browser.context.newPage();
    page.on('pageerror', (error) => problems.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') problems.push(message.text());
    });
  });
  afterAll(async () => {
    await browser?.close();
    await served?.close();
    await test?.drop();
  });

  const sql = <R>(text: string) => test.database.session((session) => session.query<R>(text));
  const open = async (hash: string): Promise<void> => {
    await page.goto(`${served.url}${hash}`);
    await page.waitForLoadState('load');
  };
  const drawn = (pattern: RegExp) =>
    page.waitForFunction((source) => {
      const shown = document.querySelector<HTMLElement>('.plot')?.dataset['shown'];
      return shown !== undefined && new RegExp(source).test(decodeURIComponent(shown));
    }, pattern.source);
  /**
   * Holds some requests of a page until they are let go, and answers them then. `begun` is the first of them, `ended` when it has
   * been received or given up.
   */
  const hold = async (on: Page, address: string, answer = (route: Route): Promise<void> => route.continue()) => {
    let letGo = (): void => undefined;
    const held = new Promise<void>((resolve) => (letGo = resolve));
    await on.route(address, async (route) => {
      await held;
      // a request that was given up takes no answer
      await answer(route).catch(() => undefined);
    });
    const begun = on.waitForRequest(address);
    const ended = begun.then((request) => request.response().catch(() => null));
    return { letGo, begun, ended };
  };
  /** Shows a chart while the list of all assets is held. */
  const drawnBeforeAssets = async () => {
    const { letGo } = await hold(page, '**/api/assets');
    await page.goto('about:blank');
    await open('#/chart?id=900001&source=1d&tf=1D&emas=multi_tf:3&limit=500');
    await drawn(/id=900001/);
    return letGo;
  };
  const field = (name: string) => page.locator(`[data-field="${name}"]`).first().innerText();
  const picture = async (name: string): Promise<void> => {
    if (PICTURES === undefined) return;
    await mkdir(PICTURES, { recursive: true });
    await page.screenshot({ path: path.join(PICTURES, `${name}.png`) });
  };

  it('shows the chosen asset, timeframe and EMAs', async () => {
    await open('#/chart?id=900001&source=1d&tf=1D&emas=multi_tf:3&limit=500');
    await drawn(/tf=1D/);
    expect(await page.locator('.target').innerText()).toBe('a database with made-up prices');
    const [{ bars }] = await sql<{ bars: number }>('SELECT count(*) AS bars FROM cmc_price_bars_1d WHERE id = 900001');
    expect(Number(await page.locator('.plot').getAttribute('data-bars'))).toBe(bars);
    await page.locator('#asset').fill(`${ASSETS[1]?.id} ${ASSETS[1]?.name} (${ASSETS[1]?.symbol})`);
    await page.locator('#asset').press('Tab');
    await drawn(/id=900002/);
    await page.locator('#timeframe').selectOption('cal_iso|1W_CAL_ISO');
    await drawn(/tf=1W_CAL_ISO.*multi_tf_cal_iso:3:bar/);
    await page.getByLabel('9', { exact: true }).check();
    await drawn(/multi_tf_cal_iso:3:bar,multi_tf_cal_iso:9:bar/);
    expect(await page.locator('[data-field^="ema:"]').count()).toBe(2);
    expect(await page.locator('.lines li').allInnerTexts()).toStrictEqual([
      expect.stringMatching(/^── Of closed bars: one step per bar, .*\(cmc_ema_multi_tf_cal_iso\.ema_bar\)\.$/),
    ]);
    await page.getByLabel('cal_iso, running by day').check();
    await drawn(/multi_tf_cal_iso:3:bar,.*multi_tf_cal_iso:3,/);
    expect((await page.locator('.lines li').allInnerTexts())[1]).toMatch(/^╌╌ Running by day: .*iso\.ema\)\.$/);
  });

  it('an address with a timeframe and no source opens that timeframe, with the EMA of its closed bars', async () => {
    for (const [asked, shown] of [
      ['tf=1W_CAL_US', 'cal_us|1W_CAL_US'],
      ['tf=1M_CAL', 'cal_iso|1M_CAL'],
      ['tf=7D', 'multi_tf|7D'],
      ['source=1d&tf=1M_CAL_ANCHOR', 'cal_anchor_iso|1M_CAL_ANCHOR'],
    ] as const) {
      await page.goto('about:blank');
      await open(`#/chart?id=900001&${asked}`);
      await drawn(new RegExp(asked));
      expect([asked, await page.locator('#timeframe').inputValue()]).toStrictEqual([asked, shown]);
      const drawnEma = shown.startsWith('cal') ? /:9:ema_bar$/ : /^ema:multi_tf:9:ema$/;
      expect(await page.locator('[data-field^="ema:"]').first().getAttribute('data-field')).toMatch(drawnEma);
      expect(await page.locator('#notice').isHidden()).toBe(true);
    }
  });

  it('an address that names what there is not says so, and what is shown instead', async () => {
    for (const [asked, said] of [
      ['id=424242&tf=1D', `There is no asset 424242 in this database: this is 900001 ${ASSETS[0]?.name}.`],
      ['id=x&tf=1D', `There is no asset x in this database: this is 900001 ${ASSETS[0]?.name}.`],
      ['id=900002&tf=1W', 'There is no timeframe 1W: this is 1D.'],
    ] as const) {
      await page.goto('about:blank');
      await open(`#/chart?${asked}&limit=500`);
      await page.locator('#notice').getByText(said, { exact: true }).waitFor();
    }
    await open('#/chart?id=900002&tf=1D&limit=500');
    await drawn(/id=900002&tf=1D/);
    // the chart before had this address, too
    await page.locator('#notice').waitFor({ state: 'hidden' });
  });

  it('an address without an asset, or with one that does not exist, shows the first asset', async () => {
    const [first] = await sql<{ id: number; name: string }>('SELECT id, name FROM dim_assets ORDER BY id LIMIT 1');
    const [{ bars }] = await sql<{ bars: number }>(
      `SELECT count(*) AS bars FROM cmc_price_bars_1d WHERE id = ${first?.id}`,
    );
    for (const id of ['', 'id=424242&', 'id=-1&', 'id=99999999999&', 'id=x&']) {
      await page.goto('about:blank');
      await open(`#/chart?${id}source=1d&tf=1D&emas=&limit=500`);
      await page.waitForFunction(
        (count) => document.querySelector<HTMLElement>('.plot')?.dataset['bars'] === count,
        `${bars}`,
      );
      expect(await page.locator('#asset').inputValue()).toContain(`${first?.id} ${first?.name}`);
    }
  });

  it('an asset can be chosen before the list of all is there', async () => {
    const letGo = await drawnBeforeAssets();
    await page.locator('#asset').fill('900002');
    await page.locator('#asset').press('Tab');
    await drawn(/id=900002/);
    letGo();
    await page.waitForFunction(
      (name) => document.querySelector<HTMLInputElement>('#asset')?.value.includes(name) === true,
      ASSETS[1]?.name ?? '',
    );
    await page.unroute('**/api/assets');
  });

  it('an asset can be chosen by its name, also before the list is there; a text that only begins with an id is refused', async () => {
    const name = ASSETS[1]?.name ?? '';
    const letGo = await drawnBeforeAssets();
    const asset = page.locator('#asset');
    await asset.fill(name.toUpperCase());
    await asset.press('Tab');
    letGo();
    await drawn(/id=900002/);
    await page.unroute('**/api/assets');
    await asset.fill('900001INCH');
    await asset.press('Tab');
    expect(await asset.evaluate((field: HTMLInputElement) => field.validationMessage)).toBe(
      'Not an asset of this database',
    );
    expect(await page.locator('.plot').getAttribute('data-shown')).toContain('id=900002');
  });

  it('a hovered bar shows exactly the numbers of the database', async () => {
    await open('#/chart?id=900001&source=cal_iso&tf=1W_CAL_ISO&emas=multi_tf_cal_iso:3&limit=500');
    await drawn(/tf=1W_CAL_ISO/);
    const box = await page.locator('.plot').boundingBox();
    if (box === null) throw new Error('there is no plot');
    for (const share of [0.3, 0.5, 0.7]) {
      await page.mouse.move(box.x + box.width * share, box.y + box.height / 2);
      const day = await field('timeClose');
      const [row] = await sql<Record<string, number>>(
        `SELECT b.open, b.high, b.low, b.close, e.ema FROM cmc_price_bars_multi_tf_cal_iso b
         JOIN cmc_ema_multi_tf_cal_iso e ON e.id = b.id AND e.ts = b.time_close AND e.tf = b.tf AND e.period = 3
         WHERE b.id = 900001 AND b.tf = '1W_CAL_ISO' AND b.time_close = '${day} 23:59:59.999Z'`,
      );
      for (const name of ['open', 'high', 'low', 'close'])
        expect([day, name, await field(name)]).toStrictEqual([day, name, String(row[name])]);
      expect(await field('ema:multi_tf_cal_iso:3:ema')).toBe(String(row['ema']));
    }
  });

  it('a planted gap, a refused row and an open bar can be seen', async () => {
    await open('#/chart?id=900001&source=1d&tf=1D&emas=multi_tf:3,multi_tf:9&limit=500');
    await drawn(/tf=1D/);
    await picture('gaps');
    const [{ gap, reject }] = await sql<{ gap: string; reject: string }>(
      `SELECT (SELECT max("timestamp")::date::text FROM cmc_price_bars_1d WHERE id = 900001 AND is_missing_days AND "timestamp" NOT IN
         (SELECT "timestamp" + interval '1 day' FROM cmc_price_bars_1d_rejects WHERE id = 900001)) AS gap,
         (SELECT max("timestamp")::date::text FROM cmc_price_bars_1d_rejects WHERE id = 900001) AS reject`,
    );
    // from the newest bar back to the one after the gap
    await page.locator('.plot').focus();
    await page.keyboard.press('End');
    const found = { gap: '', reject: '' };
    for (let i = 0; i < 150 && (found.gap === '' || found.reject === ''); i++) {
      await page.keyboard.press('ArrowLeft');
      if ((await field('timeClose')) === gap) found.gap = await field('missingDays');
      if ((await page.locator('[data-field="reject"]').count()) > 0 && found.reject === '')
        found.reject = await field('reject');
    }
    expect(found.gap).toBe('2');
    expect(found.reject).toContain(`${reject} refused`);
    expect(Number(await page.locator('.plot').getAttribute('data-marks'))).toBeGreaterThan(2);
    await open('#/chart?id=900001&source=cal_iso&tf=1M_CAL&emas=&limit=500');
    await drawn(/tf=1M_CAL/);
    await page.locator('.plot').focus();
    await page.keyboard.press('End');
    const newest = await field('state');
    await page.keyboard.press('Home');
    // June ended with the last day of the prices; the readout and the voice name what a bar is
    expect([newest, await field('state')]).toStrictEqual(['closed', 'closed']);
    expect(await page.locator('.chart-view [role=status]').innerText()).toContain('closed. open');
    await page.mouse.move(0, 0);
    await open('#/chart?id=900002&source=cal_iso&tf=1M_CAL&emas=&limit=500');
    await drawn(/id=900002/);
    expect(await field('state')).toBe('partial: still open');
  });

  it('refused rows of an asset without bars are listed', async () => {
    await sql(
      `INSERT INTO cmc_price_bars_1d_rejects (id, tf, "timestamp", reason) VALUES (900003, '1D', '2024-06-30T23:59:59.999Z', 'null_open')`,
    );
    try {
      await open('#/chart?id=900003&source=1d&tf=1D&emas=&limit=500');
      await drawn(/id=900003/);
      expect(await page.locator('.numbers').innerText()).toContain('No bars yet');
      expect(await page.locator('[data-field="reject"]').allInnerTexts()).toStrictEqual([
        '2024-06-30 refused: null_open',
      ]);
    } finally {
      await sql('DELETE FROM cmc_price_bars_1d_rejects WHERE id = 900003');
    }
  });

  it('the freshness map shows the stale asset, and says why to pointer and keys', async () => {
    await open('#/freshness');
    const stale = page.locator('td[data-id="900002"][data-step="1d"]');
    await stale.waitFor();
    expect(await stale.getAttribute('data-status')).toBe('stale');
    await stale.hover();
    expect(await page.locator('#why').innerText()).toContain('10 days old: more than 48 hours');
    await picture('freshness-small');
    const failed = page.locator('td[data-status="failed"]');
    expect(await failed.getAttribute('data-step')).toBe('cal_us');
    // the worst asset stands first
    expect(await page.locator('table.map tbody th').first().innerText()).toContain('900002');
    await page.locator('table.map td[tabindex="0"]').focus();
    await page.keyboard.press('ArrowRight');
    expect(await page.locator('#why').innerText()).toContain('multi_tf: stale');
    await page.locator('#filter').fill('empty');
    expect(await page.locator('table.map tbody tr').count()).toBe(1);
    // markup in a name is text
    expect(await page.locator('table.map tbody th').innerText()).toContain('synthetic <b>empty</b>');
  });

  it('runs with durations and failures, and findings, can be read', async () => {
    await open('#/runs');
    await page.locator('[data-run="run-2"]').click();
    await page.getByText('STORE_DISK_FULL: no space left').waitFor();
    await picture('runs');
    await open('#/findings');
    await page.getByText('two days are missing').waitFor();
    await picture('findings');
  });

  describe('on a page of its own', () => {
    let other: Page;
    beforeEach(async () => {
      other = await browser.context.newPage();
    });
    afterEach(() => other.close());

    const heading = () => other.locator('[aria-label="One run"] h2');
    const notice = () => other.locator('#notice');
    /** After what has arrived is on the screen. */
    const painted = () =>
      other.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));

    it('a run that the server refuses to show is a notice, and no details of another run', async () => {
      await other.goto(`${served.url}#/runs`);
      await other.locator('[data-run="run-2"]').click();
      await heading().waitFor();
      await other.route('**/api/run?run=run-1', (route) =>
        route.fulfill({ status: 503, json: { error: 'A refresh uses this database.', hint: 'Try again later.' } }),
      );
      await other.locator('[data-run="run-1"]').click();
      await notice().getByText('A refresh uses this database. Try again later.', { exact: true }).waitFor();
      expect(await heading().count()).toBe(0);
      await other.locator('[data-run="run-2"]').click();
      await heading().waitFor();
      expect(await notice().isHidden()).toBe(true);
    });

    it('the details of a run are those of the last click, as the run is now', async () => {
      await other.goto(`${served.url}#/runs`);
      const { letGo, begun, ended } = await hold(other, '**/api/run?run=run-2');
      await other.locator('[data-run="run-2"]').click();
      await begun;
      await sql(`UPDATE ops_runs SET command = 'refresh --all' WHERE run_id = 'run-1'`);
      try {
        await other.locator('[data-run="run-1"]').click();
        await heading().waitFor();
      } finally {
        await sql(`UPDATE ops_runs SET command = 'refresh' WHERE run_id = 'run-1'`);
      }
      letGo();
      await ended;
      await painted();
      expect(await heading().innerText()).toBe('refresh --all, 2024-07-01 05:00Z: ok');
    });

    it('a name typed while the assets cannot be loaded says why, and is taken once they can', async () => {
      let isRefused = true;
      await other.route('**/api/assets', (route) =>
        isRefused
          ? route.fulfill({ status: 503, json: { error: 'A refresh uses this database.', hint: 'Try again later.' } })
          : route.continue(),
      );
      const said = () =>
        notice().getByText('A refresh uses this database. Try again later.', { exact: true }).waitFor();
      await other.goto(`${served.url}#/chart?id=900001&source=1d&tf=1D&emas=&limit=500`);
      await said();
      await other.evaluate(() => (document.querySelector<HTMLElement>('#notice')!.textContent = ''));
      const asset = other.locator('#asset');
      await asset.fill(ASSETS[1]?.name ?? '');
      await asset.press('Enter');
      await said();
      isRefused = false;
      await asset.press('Enter');
      await other.waitForFunction(() =>
        document.querySelector<HTMLElement>('.plot')?.dataset['shown']?.includes('id=900002'),
      );
      expect(await notice().isHidden()).toBe(true);
    });

    it('what a view that was left could not load is no notice of the next one', async () => {
      for (const [view, address] of [
        ['freshness', '**/api/freshness?*'],
        ['findings', '**/api/findings?*'],
      ] as const) {
        const failed = other.waitForEvent('requestfailed');
        const { letGo, begun } = await hold(other, address, (route) => route.abort());
        await other.goto(`${served.url}#/${view}`);
        await begun;
        await other.getByRole('link', { name: 'Glossary' }).click();
        await other.locator('.glossary-view').waitFor();
        letGo();
        await failed;
        await painted();
        expect([view, await notice().innerText()]).toStrictEqual([view, '']);
      }
    });
  });

  it('explains its words', async () => {
    await page.getByRole('link', { name: 'Glossary' }).click();
    const terms = page.locator('.glossary-view tbody tr');
    await terms.first().waitFor();
    expect((await terms.allInnerTexts()).map((text) => text.split('\t').map((cell) => cell.trim()))).toContainEqual([
      'closed bar',
      expect.stringMatching(/^the snapshot .*is_partial_end = false/),
    ]);
  });

  it('works without a mouse, has names for everything, and has a dark face', async () => {
    await open('#/chart?id=900001&source=1d&tf=1D&emas=multi_tf:3&limit=500');
    await page.reload();
    await drawn(/tf=1D/);
    await page.keyboard.press('Tab');
    expect(await page.evaluate(() => document.activeElement?.className)).toBe('skip');
    const nameless = await page.evaluate(() =>
      [...document.querySelectorAll<HTMLElement>('input, select, button, a, [tabindex="0"]')]
        .filter((one) => {
          const label = (one as HTMLInputElement).labels?.[0]?.textContent ?? one.textContent ?? '';
          return (one.getAttribute('aria-label') ?? label).trim() === '' && one.closest('.plot') !== one.parentElement;
        })
        .map((one) => one.outerHTML.slice(0, 80)),
    );
    expect(nameless.filter((html) => !html.includes('tradingview'))).toStrictEqual([]);
    const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const light = await background();
    await page.locator('#theme').selectOption('dark');
    expect(await background()).not.toBe(light);
    await page.locator('#theme').selectOption('auto');
    expect(await background()).toBe(light);
    await page.emulateMedia({ colorScheme: 'dark' });
    expect(await background()).not.toBe(light);
    await page.emulateMedia({ colorScheme: 'light' });
  });

  it('the page made no error, and asked nobody but its own server', () => {
    expect(problems).toStrictEqual([]);
  });

  it.each([
    ['3e-14', 'close / 1e16', /^\d\.\d+e-1[3-6]$/, true],
    ['negative', '-close', /^-\d+\.\d\d/, false],
    ['mixed', 'CASE WHEN bar_seq % 2 = 0 THEN close ELSE -close END', /^-\d+\.\d\d/, false],
  ])('the price axis has numbers for %s prices', async (_, price, number, isPositive) => {
    await sql(`CREATE TABLE kept AS SELECT * FROM cmc_price_bars_1d WHERE id = 900002`);
    await sql(
      `UPDATE cmc_price_bars_1d SET (open, high, low, close) = (${price}, ${price}, ${price}, ${price}) WHERE id = 900002`,
    );
    const other = await browser.context.newPage();
    try {
      await other.addInitScript(() => {
        const texts: string[] = ((window as unknown as Record<string, unknown>)['texts'] = []);
        const write = CanvasRenderingContext2D.prototype.fillText;
        CanvasRenderingContext2D.prototype.fillText = function (text, ...place) {
          texts.push(text);
          return write.call(this, text, ...place);
        };
      });
      await other.goto(`${served.url}#/chart?id=900002&source=1d&tf=1D&emas=&limit=500`);
      await other.waitForFunction(() => document.querySelector<HTMLElement>('.plot')?.dataset['shown'] !== undefined);
      const texts = await other.evaluate(() => (window as unknown as { texts: string[] }).texts);
      const numbers = new Set(texts.map((text) => text.replace('−', '-')).filter((text) => number.test(text)));
      expect(numbers.size, texts.join(' ')).toBeGreaterThanOrEqual(2);
      expect(await other.locator('#log').isDisabled()).toBe(!isPositive);
    } finally {
      await other.close();
      await sql(`DELETE FROM cmc_price_bars_1d WHERE id = 900002`);
      await sql('INSERT INTO cmc_price_bars_1d SELECT * FROM kept');
      await sql('DROP TABLE kept');
    }
  });
});
