import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { loadSettings, refresh, type Notice } from '@ta/pipeline';
import type { DatabaseEngine } from '@ta/state-store';
import { clearDatabase, createTestDatabase, hasPostgres, type TestDatabase } from './test-database.ts';

const ID = 7;
const ENGINES: readonly DatabaseEngine[] = hasPostgres() ? ['pglite', 'postgres'] : ['pglite'];

describe.each(ENGINES)('days that are added by hand, on %s', (engine) => {
  let test: TestDatabase;
  beforeAll(async () => {
    test = await createTestDatabase(engine);
  });
  beforeEach(async () => {
    await clearDatabase(test.database);
    await sql(`INSERT INTO dim_assets (id, name) VALUES (${ID}, 'x')`);
    await add(
      "SELECT g, g, g, 1, 1 FROM generate_series(timestamptz '2024-01-01 23:59:59.999Z', '2024-01-09Z', '1 day') g",
    );
  });
  afterAll(() => test.drop());

  const sql = (text: string) => test.database.session((session) => session.query(text));
  /** Days of which only so much is known: instant, opening and closing instant, open, close. */
  const add = (rows: string) =>
    sql(`INSERT INTO cmc_price_histories7 (id, name, "timestamp", timeopen, timeclose, open, close, high, low)
      SELECT ${ID}, 'x', v.*, 2, 1 FROM (${rows}) v (ts, timeopen, timeclose, open, close)`);
  const row = (ts: string, rest = 'NULL::timestamptz, NULL::timestamptz, 1::float8, 2::float8') =>
    add(`SELECT timestamptz '${ts}', ${rest}`);
  const perform = async (zone = 'UTC', change: { fullRebuild?: boolean } = {}, nowMs = 0) => {
    const notices: Notice[] = [];
    const ofRun: Notice[] = [];
    const settings = await test.database.session((session) => loadSettings(session, { runId: 'r', zone, ...change }));
    const report = await refresh(
      test.database,
      {
        ...{
          components: ['bars'],
          builders: ['1d'],
          refreshers: [],
          ids: [ID],
          settings,
          nowMs,
          stalenessHours: 48,
        },
        ...{ skipStaleCheck: true, continueOnError: false, concurrency: 1 },
      },
      { itemFinished: (item) => void notices.push(...item.notices), notice: (notice) => void ofRun.push(notice) },
      () => 0,
    );
    const [step] = report.components[0]?.steps ?? [];
    const texts = (of: Notice[]) => of.map(({ level, text }) => `${level} ${text}`);
    return { status: step?.status, rows: step?.rows, texts: texts(notices), ofRun: texts(ofRun) };
  };
  const bars = () =>
    sql(
      `SELECT day::text AS day, time_open, time_close, time_high, time_low FROM cmc_price_bars_1d ORDER BY "timestamp" DESC LIMIT 1`,
    );

  it('become bars also after the clock of the run, by more than a day with a warning', async () => {
    const nowMs = Date.parse('2024-01-09T06:00:00Z');
    expect((await perform('UTC', {}, nowMs)).ofRun).toEqual([]);
    await row('2024-01-10T05:00:00Z');
    expect((await perform('UTC', {}, nowMs)).ofRun).toEqual([]);
    await row('2099-01-01T12:00:00Z');
    expect((await perform('UTC', {}, nowMs)).ofRun).toEqual([
      'warning id 7: the bar of 2099-01-01 lies after the clock of this run, 2024-01-09. If its row in cmc_price_histories7 is wrong, correct or delete it, and run again',
    ]);
    expect((await perform('UTC', {}, nowMs)).ofRun).toEqual([]);
  });

  it('have the opening and closing instant of their civil day where they lack one: counted as repaired, and no reject', async () => {
    await perform();
    await row('2024-01-09T12:00:00Z');
    const ran = await perform();
    expect([ran.status, ran.texts, ran.rows]).toMatchObject(['ok', [], { written: 1, rejected: 0, repaired: 1 }]);
    const [opens, closes] = [new Date('2024-01-09T00:00:00.000Z'), new Date('2024-01-09T23:59:59.999Z')];
    const wanted = { day: '2024-01-09', time_open: opens, time_close: closes, time_high: closes, time_low: opens };
    expect(await bars()).toStrictEqual([wanted]);
    await perform('UTC', { fullRebuild: true });
    expect(await bars()).toStrictEqual([wanted]);
  });

  it('take the day of the zone in force', async () => {
    await row('2024-03-10T12:00:00Z');
    await perform('America/New_York');
    expect(await bars()).toMatchObject([
      { time_open: new Date('2024-03-10T05:00:00.000Z'), time_close: new Date('2024-03-11T03:59:59.999Z') },
    ]);
  });

  it('that are refused are a warning with id, day and column, once; the run is fine otherwise', async () => {
    await perform();
    await row('2024-01-09T23:59:59.999Z', 'NULL::timestamptz, NULL::timestamptz, NULL::float8, 2::float8');
    const ran = await perform();
    expect([ran.status, ran.rows?.rejected]).toStrictEqual(['ok', 1]);
    expect(ran.texts).toStrictEqual([`warning id ${ID}: 2024-01-09 is refused: null_open_close (open)`]);
    expect((await perform()).texts).toStrictEqual([]);
    // an earlier row gives it another number among the rows, which makes it no new reject
    await row('2023-12-31T23:59:59.999Z');
    const earlier = await perform();
    expect([earlier.rows?.rejected, earlier.texts.length]).toStrictEqual([0, 1]);
    expect(earlier.texts[0]).toContain('Backfill detected');
    // loaded once more it is another row, and refused again
    await sql(`UPDATE cmc_price_histories7 SET load_ts = now() WHERE "timestamp" = '2024-01-09 23:59:59.999Z'`);
    const again = await perform();
    expect(again.texts.at(-1)).toBe(`warning id ${ID}: 2024-01-09 is refused: null_open_close (open)`);
    expect((await perform()).texts).toStrictEqual([]);
    // the next day is taken, and tells nothing of the one before again
    await row('2024-01-10T23:59:59.999Z');
    expect((await perform()).texts).toStrictEqual([]);
  });

  it.each([
    [
      'opens after it closes',
      "timestamptz '2024-01-10Z', timestamptz '2024-01-09Z', 1, 2",
      'time_open_gt_time_close (timeopen, timeclose)',
    ],
    ['has neither open nor close', 'NULL, NULL, NULL, NULL', 'null_open_close (open, close)'],
    ['opens at minus infinity', "timestamptz '-infinity', NULL, 1, 2", 'failed_final_filter_unknown (timeopen)'],
    ['has an infinite price', "NULL, NULL, 1, float8 'Infinity'", 'failed_final_filter_unknown (close)'],
  ])('a day that %s', async (_, rest, said) => {
    await perform();
    const [timeopen, timeclose, open, close] = rest.split(', ');
    await row(
      '2024-01-09T23:59:59.999Z',
      `${timeopen}::timestamptz, ${timeclose}::timestamptz, ${open}::float8, ${close}::float8`,
    );
    expect((await perform()).texts).toStrictEqual([`warning id ${ID}: 2024-01-09 is refused: ${said}`]);
  });

  it('an instant that no calendar has is told of as well', async () => {
    await perform();
    await row('infinity');
    expect((await perform()).texts).toStrictEqual([
      `warning id ${ID}: 1 row(s) outside the years 0001 to 9999 are refused: failed_final_filter_unknown (timestamp)`,
    ]);
  });

  it('the last microsecond of the year 9999, which no double has, is refused like later instants, and stops no later day', async () => {
    await perform();
    await row('9999-12-31T23:59:59.999999Z');
    expect((await perform()).texts).toStrictEqual([
      `warning id ${ID}: 1 row(s) outside the years 0001 to 9999 are refused: failed_final_filter_unknown (timestamp)`,
    ]);
    await row('2024-01-09T23:59:59.999Z');
    expect(await perform()).toMatchObject({ status: 'ok', rows: { written: 1, rejected: 0 }, texts: [] });
    const rejects = await sql('SELECT "timestamp"::text AS at FROM cmc_price_bars_1d_rejects');
    expect(rejects).toStrictEqual([{ at: '9999-12-31 23:59:59.999999+00' }]);
    await row('9999-12-31T23:59:59.999Z');
    expect(await perform()).toMatchObject({ status: 'ok', rows: { written: 1 } });
  });

  it('the reject of an instant that no calendar has follows its row, and its place among the rows', async () => {
    await row('infinity');
    expect((await perform()).rows?.rejected).toBe(1);
    const reject = async () =>
      (await sql('SELECT bar_seq, close FROM cmc_price_bars_1d_rejects')) as readonly Record<string, unknown>[];
    expect(await reject()).toStrictEqual([{ bar_seq: 9, close: 2 }]);
    await row('2024-01-09T23:59:59.999Z');
    expect((await perform()).rows?.rejected).toBe(0);
    expect(await reject()).toStrictEqual([{ bar_seq: 10, close: 2 }]);
    await sql(`UPDATE cmc_price_histories7 SET close = 3 WHERE "timestamp" = 'infinity'`);
    expect((await perform()).rows?.rejected).toBe(0);
    expect(await reject()).toStrictEqual([{ bar_seq: 10, close: 3 }]);
  });

  it('an asset whose only row had such an instant has nothing left when that row goes', async () => {
    await sql('DELETE FROM cmc_price_histories7');
    await row('infinity');
    await perform();
    await sql('DELETE FROM cmc_price_histories7');
    await perform();
    const left = ['cmc_price_bars_1d_rejects', 'cmc_price_bars_1d_state'].map((table) => sql(`SELECT FROM ${table}`));
    expect(await Promise.all(left)).toStrictEqual([[], []]);
  });

  it('one that no calendar has is told of also where other rules of the zone give the same days', async () => {
    const zone = 'America/Vancouver';
    await perform(zone);
    await sql(
      `UPDATE cmc_price_bars_1d_state SET day_rules = overlay(day_rules placing 'ffffffff' from length(day_rules) - 7)`,
    );
    await row('infinity');
    expect((await perform(zone)).rows).toMatchObject({ written: 0, rejected: 1 });
    expect(await perform(zone)).toMatchObject({ status: 'up_to_date' });
  });

  it('are taken in whatever is written into a calendar of holidays by hand', async () => {
    const days = ['infinity', '-infinity', '0044-03-15 BC', '10000-01-01', '2024-01-03'].map(
      (day) => `('own', '${day}')`,
    );
    await sql(`UPDATE dim_assets SET holiday_calendar = 'own'`);
    await sql(`INSERT INTO dim_holidays (calendar, day) VALUES ${days.join(', ')}`);
    expect(await perform()).toMatchObject({ status: 'ok', rows: { written: 8 } });
    await sql(`DELETE FROM dim_holidays WHERE calendar = 'own'`);
  });

  it('names the newest of many, and counts the rest', async () => {
    await perform();
    for (const day of ['09', '10', '11', '12', '13']) {
      await row(`2024-01-${day}T23:59:59.999Z`, 'NULL::timestamptz, NULL::timestamptz, 1::float8, NULL::float8');
    }
    const { texts } = await perform();
    expect(texts.map((text) => text.slice(0, 38))).toStrictEqual([
      ...['13', '12', '11'].map((day) => `warning id ${ID}: 2024-01-${day} is refused: n`),
      `warning id ${ID}: 2 more new days are refu`,
    ]);
  });

  it('a first build tells of what comes after its newest bar only: the rest is history', async () => {
    await sql(`UPDATE cmc_price_histories7 SET open = NULL WHERE "timestamp" < '2024-01-04'`);
    await row('2024-01-09T23:59:59.999Z', 'NULL::timestamptz, NULL::timestamptz, NULL::float8, 2::float8');
    const { texts, rows } = await perform();
    expect(rows?.rejected).toBe(4);
    expect(texts).toStrictEqual([`warning id ${ID}: 2024-01-09 is refused: null_open_close (open)`]);
  });
});
