import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TIMEFRAME_CATALOGUE, toTimeframe, type Timeframe } from '@ta/bars-core/engine';
import type { DatabaseEngine } from '@ta/state-store';
import { plainRow } from '../../../../libs/bars-core/test/fixtures/plain-row.ts';
import { naiveSnapshots } from '../../../../libs/bars-core/test/oracle/naive-bars.ts';
import { anchoredOracle, calendarOracle, type Day } from '../../../../libs/ema-core/test/oracle/series-oracle.ts';
import { hasPostgres } from '../../../../libs/pipeline/test/test-database.ts';
import {
  isSecond,
  onFirst,
  openFullBuilds,
  openShapeWorld,
  readCase,
  type FullBuilds,
  type ShapeWorld,
  type SourceRecord,
} from './shape-world.ts';

const WORKSPACE_ROOT = resolve(import.meta.dirname, '../../../..');
const CASES = join(process.env['TA_SHARED_DIR'] ?? resolve(WORKSPACE_ROOT, '../shared'), 'cases');
const hasCases = existsSync(CASES);
const ENGINES: readonly DatabaseEngine[] = hasPostgres() ? ['pglite', 'postgres'] : ['pglite'];
/** `make soak` plays 300. */
const runsOn = (engine: DatabaseEngine) => ({
  numRuns: Number(process.env['TA_MARKET_HISTORIES'] ?? (isSecond(engine) ? 1 : 3)),
});

interface Market {
  readonly closeRule: 'calendar' | 'market';
  readonly weekdays: string;
  readonly holidays: readonly string[];
}

const ONE_DAY_MS = 86_400_000;
const dayOf = (date: string): number => Date.parse(`${date}T00:00:00Z`) / ONE_DAY_MS;
const dateOf = (day: number): string => new Date(day * ONE_DAY_MS).toISOString().slice(0, 10);
const NAMES = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];

/** Weekdays as `Date.getUTCDay` numbers them. */
function weekdaysOf(text: string): number[] {
  return text.split(',').flatMap((part) => {
    const [first, last = first] = part.split('-').map((name) => NAMES.indexOf(name)) as [number, number?];
    return Array.from({ length: ((last - first + 7) % 7) + 1 }, (_, i) => (first + i) % 7);
  });
}

function isTraded(date: string, { weekdays, holidays }: Market): boolean {
  return weekdaysOf(weekdays).includes(new Date(date).getUTCDay()) && !holidays.includes(date);
}

/** Days of trading of a stretch, but for those left out. */
function tradedDays(from: string, until: string, market: Market, without: (date: string) => boolean = () => false) {
  const dates = Array.from({ length: dayOf(until) - dayOf(from) + 1 }, (_, i) => dateOf(dayOf(from) + i));
  return dates.filter((date) => isTraded(date, market) && !without(date));
}

const close = (day: number): number => 100 + ((day * 37) % 50) + (day % 7) / 8;

function recordsOf(dates: readonly string[]): SourceRecord[] {
  return dates.map((date) => {
    const [open, last] = [close(dayOf(date) - 1), close(dayOf(date))];
    const stamp = `${date}T23:59:59.999Z`;
    return {
      ...{ timestamp: stamp, timeopen: `${date}T00:00:00Z`, timeclose: stamp, timehigh: stamp, timelow: stamp },
      ...{ open, high: Math.max(open, last) + 1, low: Math.min(open, last) - 1, close: last, volume: 10 },
    };
  });
}

const everyDay: Market = { closeRule: 'market', weekdays: 'Mon-Sun', holidays: [] };
const share: Market = { ...everyDay, weekdays: 'Mon-Fri' };
const goodFriday: Market = { ...share, holidays: ['2024-03-29', '2024-04-01', '2024-05-01'] };

/** Markets with the dates of their rows. */
const MARKETS: readonly (readonly [name: string, market: Market, dates: readonly string[]])[] = [
  ['a share', share, tradedDays('2024-01-01', '2024-05-15', share)],
  ['a share that begins in mid-week', share, tradedDays('2024-01-03', '2024-04-10', share)],
  [
    'a week from Sunday to Thursday',
    { ...share, weekdays: 'Sun-Thu' },
    tradedDays('2024-01-07', '2024-05-15', { ...share, weekdays: 'Sun-Thu' }),
  ],
  ['Good Friday on the last weekday of a quarter', goodFriday, tradedDays('2024-01-01', '2024-05-15', goodFriday)],
  ['the same, not known to be a holiday', share, tradedDays('2024-01-01', '2024-05-15', goodFriday)],
  [
    'a suspension of half a year',
    share,
    tradedDays('2023-10-02', '2024-07-31', share, (date) => date > '2023-12-13' && date < '2024-06-14'),
  ],
  ['a delisted asset', share, tradedDays('2024-01-01', '2024-02-14', share)],
  ['an asset delisted on the last day of trading of a month', share, tradedDays('2024-01-01', '2024-03-29', share)],
  [
    'a coin with days missing',
    { ...share, weekdays: 'Mon-Sun' },
    tradedDays('2024-01-01', '2024-05-15', { ...share, weekdays: 'Mon-Sun' }, (date) =>
      ['2024-01-14', '2024-03-31', '2024-04-06', '2024-04-07'].includes(date),
    ),
  ],
  ['a market without known weekdays', { ...share, weekdays: 'Mon-Sun' }, tradedDays('2024-01-01', '2024-05-15', share)],
  [
    'a market of three days a week',
    { ...share, weekdays: 'Mon,Wed-Thu' },
    tradedDays('2024-01-01', '2024-05-15', { ...share, weekdays: 'Mon,Wed-Thu' }),
  ],
  [
    'a session on a Saturday',
    share,
    [...tradedDays('2024-01-01', '2024-04-10', share), '2024-01-20', '2024-03-30'].sort(),
  ],
  [
    'rare trading: a row now and then',
    share,
    tradedDays('2023-06-01', '2024-05-15', share, (date) => dayOf(date) % 9 !== 0),
  ],
  [
    'a share whose bars close by the calendar',
    { ...share, closeRule: 'calendar' },
    tradedDays('2024-01-01', '2024-05-15', share),
  ],
];

/** What is said of the weekdays of a share. */
const WEEKDAYS: readonly (readonly [string, string])[] = [
  ['not known', 'Mon-Sun'],
  ['known', 'Mon-Fri'],
];
const CLOSE_RULES: readonly Market['closeRule'][] = ['calendar', 'market'];

const FAMILIES = [
  ['cal_iso', ['1W_CAL_ISO', '2W_CAL_ISO', '1M_CAL', '3M_CAL']],
  ['cal_us', ['1W_CAL_US']],
  ['cal_anchor_iso', ['1W_CAL_ANCHOR_ISO', '1M_CAL_ANCHOR', '1Y_CAL_ANCHOR']],
  ['multi_tf', ['7D']],
] as const;

function timeframe(tf: string): Timeframe {
  const row = TIMEFRAME_CATALOGUE.find((known) => known.tf === tf);
  if (row === undefined) throw new Error(`${tf} is not in the catalogue`);
  return toTimeframe(row);
}

/** Timeframes that are looked at, and one more of every family. */
const CATALOGUE = {
  timeframes: [...FAMILIES.flatMap(([, tfs]) => tfs), '1D', '1Y_CAL', '1W_CAL_ANCHOR_US'],
  periods: [2, 6],
};

let builds: FullBuilds;
beforeAll(async () => {
  builds = await openFullBuilds(CATALOGUE);
});
afterAll(() => builds?.close());

describe.each(ENGINES)('markets on %s', (engine) => {
  let world: ShapeWorld;
  let lastId = 0;
  beforeAll(async () => {
    world = await openShapeWorld(engine, builds, CATALOGUE);
  });
  afterAll(() => world?.close());

  async function trade(id: number, { closeRule, weekdays, holidays }: Market): Promise<void> {
    const days = holidays.map((date) => `('c${id}', '${date}')`).join(', ');
    await world.run(`DELETE FROM dim_holidays WHERE calendar = 'c${id}'`);
    if (holidays.length > 0) await world.run(`INSERT INTO dim_holidays (calendar, day) VALUES ${days}`);
    await world.run(`INSERT INTO dim_assets (id, name) VALUES (${id}, 'asset') ON CONFLICT DO NOTHING`);
    await world.run(
      `UPDATE dim_assets SET close_rule = '${closeRule}', trading_weekdays = '${weekdays}', holiday_calendar = 'c${id}' WHERE id = ${id}`,
    );
  }

  /** Stores and refreshes rows as an asset of its own, in one step or several. */
  async function stored(market: Market, ...steps: readonly SourceRecord[][]): Promise<number> {
    const id = ++lastId;
    await trade(id, market);
    for (const rows of steps) {
      await world.put(id, rows);
      expect((await world.refresh([id])).failedIds).toEqual([]);
    }
    return id;
  }

  async function built(market: Market, ...steps: readonly SourceRecord[][]): Promise<number> {
    const id = await stored(market, ...steps);
    expect(await world.wrongAfter(steps.length, id)).toEqual([]);
    return id;
  }

  async function closedBars(id: number, family: string, tf: string): Promise<number> {
    const [row] = await world.rows<{ n: number }>(
      `SELECT count(*)::int AS n FROM cmc_closed_bars_${family} WHERE id = ${id} AND tf = '${tf}'`,
    );
    return (row as { n: number }).n;
  }

  async function ema(id: number, family: string, tf: string, period: number, date: string): Promise<number> {
    const [row] = await world.rows<{ ema_bar: number }>(
      `SELECT e.ema_bar FROM cmc_ema_${family} e JOIN cmc_price_bars_1d b ON b.id = e.id AND b."timestamp" = e.ts
       WHERE e.id = ${id} AND tf = '${tf}' AND period = ${period} AND NOT roll AND b.day = '${date}'`.replace(
        'AND tf',
        'AND e.tf',
      ),
    );
    return (row as { ema_bar: number }).ema_bar;
  }

  describe.skipIf(!hasCases)('the shared case', () => {
    it('i127, a coin with a Sunday missing, keeps that week', async () => {
      const id = await built(everyDay, readCase(join(CASES, 'i127-missing-sunday.csv')));
      expect(await closedBars(id, 'multi_tf_cal_iso', '1W_CAL_ISO')).toBe(42);
      expect(await ema(id, 'multi_tf_cal_iso', '1W_CAL_ISO', 6, '2024-04-07')).toBeCloseTo(178.52, 2);
    });

    it.each(onFirst(engine, WEEKDAYS))(
      'i128, a share whose weekdays are %s, has weeks, months, quarters and years',
      async (_, weekdays) => {
        const id = await built({ ...everyDay, weekdays }, readCase(join(CASES, 'i128-share-close-stamp.csv.gz')));
        const counts = ['1W_CAL_ISO', '1M_CAL', '3M_CAL', '1Y_CAL'].map((tf) => closedBars(id, 'multi_tf_cal_iso', tf));
        expect(await Promise.all(counts)).toEqual([156, 35, 11, 2]);
        expect(await ema(id, 'multi_tf_cal_iso', '1M_CAL', 6, '2021-09-30')).toBeCloseTo(101.01, 2);
        const [first] = await world.rows<{ opens: string }>(
          `SELECT min(to_char(time_open AT TIME ZONE 'UTC', 'ID HH24:MI')) || max(to_char(time_open AT TIME ZONE 'UTC', ' ID HH24:MI')) AS opens
         FROM cmc_closed_bars_multi_tf_cal_iso WHERE id = ${id} AND tf = '1W_CAL_ISO'`,
        );
        expect(first).toEqual({ opens: '1 14:30 1 14:30' });
      },
    );
  });

  it.each(isSecond(engine) ? MARKETS.filter(([, { holidays }]) => holidays.length > 0) : MARKETS)(
    '%s has the bars and EMAs of the formulas',
    async (_, market, dates) => {
      const middle = Math.floor(dates.length / 2);
      const id = await stored(market, recordsOf(dates.slice(0, middle)), recordsOf(dates.slice(middle)));
      const rows = recordsOf(dates).map(({ open, high, low, close: last, timestamp }) => {
        const day = dayOf(String(timestamp).slice(0, 10));
        return plainRow(day, { open, high, low, close: last } as object);
      });
      const plain = { ...market, weekdays: weekdaysOf(market.weekdays) };
      for (const [family, tfs] of FAMILIES) {
        const source = family === 'multi_tf' ? family : `multi_tf_${family}`;
        for (const tf of tfs) {
          const expected = naiveSnapshots(rows, timeframe(tf), plain);
          const bars = await world.rows<Record<string, number | boolean | null>>(
            `SELECT bar_seq, open, high, low, close, count_days, count_days_remaining, count_missing_days, is_partial_end,
             (extract(epoch FROM time_close) * 1000)::float8 AS time_close, (extract(epoch FROM closed_at) * 1000)::float8 AS closed_at
           FROM cmc_price_bars_${source} WHERE id = ${id} AND tf = '${tf}' ORDER BY 10`,
          );
          expect(bars).toEqual(
            expected.map((bar) => ({
              ...{ bar_seq: bar.barSeq, open: bar.open, high: bar.high, low: bar.low, close: bar.close },
              ...{ count_days: bar.countDays, count_days_remaining: bar.countDaysRemaining },
              ...{ count_missing_days: bar.countMissingDays, is_partial_end: bar.isPartialEnd },
              ...{ time_close: bar.timeClose, closed_at: bar.closedAt },
            })),
          );
          if (family === 'multi_tf') continue;
          const grid = rows.map((row): Day => {
            const closed = expected.filter(({ closedAt }) => closedAt === row.ts);
            const own = closed.find(({ timeClose }) => timeClose === row.ts);
            const late = closed.find(({ timeClose }) => timeClose !== row.ts);
            return { x: row.close as number, bar: own?.close ?? null, late: late?.close ?? null };
          });
          const oracle = family.startsWith('cal_anchor') ? anchoredOracle : calendarOracle;
          const emas = oracle(grid, 2, timeframe(tf).nominalDays);
          const storedEmas = await world.rows(
            `SELECT (extract(epoch FROM ts) * 1000)::float8 AS ts, roll, ema, ema_bar, d1, d2_bar, d1_roll_bar
           FROM cmc_ema_${source} WHERE id = ${id} AND tf = '${tf}' AND period = 2 ORDER BY ts`,
          );
          expect(storedEmas).toEqual(
            emas.map((row) => ({
              ...{ ts: rows[row.day]?.ts, roll: row.roll, ema: row.ema, ema_bar: row.bar.ema },
              ...{ d1: row.d1, d2_bar: row.bar.d2, d1_roll_bar: row.bar.d1Roll },
            })),
          );
        }
      }
    },
  );

  it.each(onFirst(engine, [everyDay]))(
    'a late row opens a bar that was known closed, and one taken away closes it again',
    async (market) => {
      const all = tradedDays('2024-01-01', '2024-03-20', market);
      const without = all.filter((date) => date !== '2024-01-14' && date !== '2024-02-04');
      const id = await built(market, recordsOf(without), recordsOf(['2024-01-14']));
      await world.run(
        `DELETE FROM cmc_price_histories7 WHERE id = ${id} AND "timestamp" >= '2024-01-14' AND "timestamp" < '2024-01-15'`,
      );
      expect((await world.refresh([id])).failedIds).toEqual([]);
      expect(await world.wrongTables(id)).toEqual([]);
      await world.run(`DELETE FROM cmc_price_histories7 WHERE id = ${id} AND "timestamp" >= '2024-02-05'`);
      expect((await world.refresh([id])).failedIds).toEqual([]);
      expect(await world.wrongTables(id)).toEqual([]);
    },
  );

  it.each(onFirst(engine, [share]))(
    'another rule, weekdays or holidays build the bars of that asset again, and of no other',
    async (usual) => {
      const dates = tradedDays('2024-01-01', '2024-04-10', usual);
      const [id, other] = [await built(usual, recordsOf(dates)), await built(usual, recordsOf(dates))];
      const stamps = () =>
        world.rows<{ id: number; at: string }>(
          `SELECT id, full_built_at::text AS at FROM cmc_price_bars_1d_state WHERE id IN (${id}, ${other}) ORDER BY id`,
        );
      let before = await stamps();
      for (const market of [
        goodFriday,
        { ...goodFriday, weekdays: 'Mon-Sun' },
        { ...usual, closeRule: 'calendar' as const },
      ]) {
        await trade(id, market);
        expect((await world.refresh([id, other])).failedIds).toEqual([]);
        expect(await world.wrongTables(id)).toEqual([]);
        const after = await stamps();
        expect(after[0]?.at).not.toBe(before[0]?.at);
        expect(after[1]).toEqual(before[1]);
        before = after;
      }
    },
  );

  /** Assets whose bars have no fixed distance. */
  const uneven: number[] = [];
  it.each(onFirst(engine, CLOSE_RULES))('a share has bars of seven days that close by the %s', async (closeRule) => {
    const market: Market = { ...goodFriday, closeRule };
    const id = await built(market, recordsOf(tradedDays('2024-01-01', '2024-06-28', market)));
    expect(await closedBars(id, 'multi_tf', '7D')).toBeGreaterThan(10);
    uneven.push(id);
  });

  const step = fc.record({
    rule: fc.option(
      fc.record({
        closeRule: fc.constantFrom('market' as const, 'market' as const, 'calendar' as const),
        weekdays: fc.constantFrom('Mon-Fri', 'Mon-Sun', 'Sun-Thu', 'Mon,Wed-Thu'),
        holidays: fc.uniqueArray(fc.integer({ min: 0, max: 120 }), { maxLength: 8 }),
      }),
      { nil: null, freq: 3 },
    ),
    days: fc.uniqueArray(fc.integer({ min: 0, max: 120 }), { maxLength: 12 }),
    newDays: fc.integer({ min: 0, max: 30 }),
    removed: fc.uniqueArray(fc.integer({ min: 0, max: 120 }), { maxLength: 4 }),
  });

  it('refreshes of rows that come late, go, and change their rules equal one full build', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 2, maxLength: 5 }), async (steps) => {
        const id = ++lastId;
        const origin = dayOf('2024-01-01');
        let newest = 0;
        let market: Market = share;
        await trade(id, market);
        for (const { rule, days, newDays, removed } of steps) {
          if (rule !== null) {
            market = { ...rule, holidays: rule.holidays.map((after) => dateOf(origin + after)) };
            await trade(id, market);
          }
          const coming = Array.from({ length: newDays }, (_, i) => newest + i).map((after) => dateOf(origin + after));
          newest += newDays;
          const late = days.filter((after) => after < newest).map((after) => dateOf(origin + after));
          await world.put(id, recordsOf([...coming.filter((date) => isTraded(date, market)), ...late]));
          for (const after of removed) {
            const date = dateOf(origin + after);
            await world.run(
              `DELETE FROM cmc_price_histories7 WHERE id = ${id} AND "timestamp" >= '${date}' AND "timestamp" < '${dateOf(origin + after + 1)}'`,
            );
          }
          expect((await world.refresh([id])).failedIds).toEqual([]);
          expect(await world.wrongTables(id)).toEqual([]);
        }
      }),
      runsOn(engine),
    );
  });

  it.each(onFirst(engine, ['full'] as const))('nothing of all that is above a WARNING in %s', async (profile) => {
    const { wrong, warnings } = await world.findings([profile]);
    expect(wrong).toEqual([]);
    // nor is it said that bars of a share have no fixed distance
    expect(warnings.filter(({ id, check }) => uneven.includes(id as number) && /^(B17|E12)$/.test(check))).toEqual([]);
  });
});
