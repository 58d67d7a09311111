import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DatabaseEngine } from '@ta/state-store';
import type { Profile } from '@ta/validation';
import { hasPostgres } from '../../../../libs/pipeline/test/test-database.ts';
import {
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
if (!hasCases) process.stderr.write(`\nSKIPPED the shared cases: ${CASES} is missing (set TA_SHARED_DIR)\n\n`);

const ENGINES: readonly DatabaseEngine[] = hasPostgres() ? ['pglite', 'postgres'] : ['pglite'];

/** A day as its table writes it: prices, and where it is stamped, opens and has its extremes. */
interface Day {
  readonly stamp: string;
  readonly prices: readonly [open: number, high: number, low: number, close: number];
  readonly window?: readonly [opens: string, closes: string];
  readonly extremes?: readonly [high: string | null, low: string | null];
  readonly volume?: number | null;
}

function row({ stamp, prices: [open, high, low, close], window, extremes, volume = 10 }: Day): SourceRecord {
  const [timeopen, timeclose] = window ?? [`${stamp.slice(0, 10)}T00:00:00Z`, `${stamp.slice(0, 10)}T23:59:59.999Z`];
  const [timehigh, timelow] = extremes ?? [timeopen, timeclose];
  return { timestamp: stamp, timeopen, timeclose, timehigh, timelow, open, high, low, close, volume };
}

/** `count` days from 2024-01-01 (a Monday) on. */
function days(count: number, of: (date: string, index: number) => Day): SourceRecord[] {
  return Array.from({ length: count }, (_, i) =>
    row(of(new Date(Date.UTC(2024, 0, 1 + i)).toISOString().slice(0, 10), i)),
  );
}

/** A short and a long timeframe of every kind, and one of every family. */
const CATALOGUE = {
  timeframes: [
    ...['1D', '2D', '7D', '1W_CAL_ISO', '1W_CAL_US', '1M_CAL'],
    ...['1W_CAL_ANCHOR_ISO', '1W_CAL_ANCHOR_US', '1M_CAL_ANCHOR'],
  ],
  periods: [1, 2],
};

let builds: FullBuilds;
beforeAll(async () => {
  builds = await openFullBuilds(CATALOGUE);
});
afterAll(() => builds?.close());

describe.each(ENGINES)('on %s', (engine) => {
  let world: ShapeWorld;
  let lastId = 0;
  beforeAll(async () => {
    world = await openShapeWorld(engine, builds, CATALOGUE);
  });
  afterAll(() => world?.close());

  /** Stores and refreshes rows as an asset of its own, in one step or several. */
  async function built(zone: string, ...steps: readonly SourceRecord[][]): Promise<number> {
    const id = ++lastId;
    for (const rows of steps) {
      await world.put(id, rows);
      expect((await world.refresh([id], zone)).failedIds).toEqual([]);
    }
    expect(await world.wrongAfter(steps.length, id, zone)).toEqual([]);
    return id;
  }
  const file = (name: string): SourceRecord[] => readCase(join(CASES, name));

  /** A closed bar; `opens` is its opening instant. */
  async function closed(id: number, table: string, tf: string, seq = 1): Promise<object | undefined> {
    const [bar] = await world.rows<object>(
      `SELECT open, high, low, close, volume, to_char(time_open AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS') AS opens
       FROM cmc_price_bars_${table} WHERE id = ${id} AND tf = '${tf}' AND bar_seq = ${seq} AND NOT is_partial_end`,
    );
    return bar;
  }
  const daily = (id: number, date: string) =>
    world.rows<object>(
      `SELECT open, high, low, close, volume FROM cmc_price_bars_1d WHERE id = ${id} AND day = '${date}' ORDER BY "timestamp"`,
    );

  describe.skipIf(!hasCases)('the shared case', () => {
    it('t01, days stamped at their opening instant, keeps the week’s high and low', async () => {
      const id = await built('UTC', file('t01-open-stamped.csv'));
      const week = { open: 100, high: 140, low: 60, close: 106.5, opens: '2024-01-01T00:00:00' };
      expect(await closed(id, 'multi_tf_cal_iso', '1W_CAL_ISO')).toMatchObject(week);
      expect(await closed(id, 'multi_tf', '7D')).toMatchObject(week);
    });

    it('t02, a day of 25 hours, keeps the high of its first hour', async () => {
      const id = await built('America/New_York', file('t02-dst-fall.csv'));
      const week = { high: 200, opens: '2023-11-05T04:00:00' };
      expect(await closed(id, 'multi_tf_cal_us', '1W_CAL_US')).toMatchObject(week);
      expect(await closed(id, 'multi_tf', '7D')).toMatchObject(week);
    });

    it('i107, an unfinished day and then the whole day, has the whole day', async () => {
      const id = await built('UTC', file('i107a-intraday.csv'), file('i107b-whole-day.csv'));
      expect(await daily(id, '2024-01-21')).toEqual([{ open: 70, high: 88, low: 60, close: 87, volume: 300 }]);
    });

    it('s1, two rows of a day, has the later row', async () => {
      const id = await built('UTC', file('s1-two-rows-a-day.csv'));
      const rejects = await world.rows<{ reason: string; day: string }>(
        `SELECT reason, day::text AS day FROM cmc_price_bars_1d_rejects WHERE id = ${id}`,
      );
      expect(rejects.map(({ reason }) => reason)).toEqual(['superseded_by_later_row']);
      const [last] = await world.rows<{ ts: string }>(
        `SELECT (max(s."timestamp") = max(b."timestamp"))::text AS ts FROM cmc_price_histories7 s
         JOIN cmc_price_bars_1d b ON b.id = s.id AND b.day = '${(rejects[0] as { day: string }).day}'
         WHERE s.id = ${id} AND s."timestamp" >= b.day_from AND s."timestamp" < b.day_until`,
      );
      expect(last?.ts).toBe('true');
    });

    it.each(['i109-oil.csv', 'i126-spread.csv'])(
      '%s: prices at and below zero make bars and EMAs, and no reject',
      async (name) => {
        const source = file(name);
        const id = await built('UTC', source);
        const [counts] = await world.rows<object>(
          `SELECT (SELECT count(*)::int FROM cmc_price_bars_1d WHERE id = ${id}) AS bars,
           (SELECT count(*)::int FROM cmc_price_bars_1d_rejects WHERE id = ${id}) AS rejects,
           (SELECT count(*)::int FROM ema_rejects WHERE id = ${id}) AS ema_rejects,
           (SELECT count(*) > 0 FROM cmc_ema_multi_tf WHERE id = ${id} AND ema < 0) AS has_negative`,
        );
        expect(counts).toEqual({ bars: source.length, rejects: 0, ema_rejects: 0, has_negative: true });
      },
    );

    it('i129, a week without volume, has none', async () => {
      const id = await built('UTC', file('i129-no-volume.csv'));
      expect(await closed(id, 'multi_tf_cal_iso', '1W_CAL_ISO')).toMatchObject({ volume: null });
      expect(await closed(id, 'multi_tf', '7D')).toMatchObject({ volume: null });
    });

    it('i130, prices of 3e-14, are stored as they are', async () => {
      const source = file('i130-3e-14.csv');
      const id = await built('UTC', source);
      const [sum] = await world.rows<{ low: number; high: number }>(
        `SELECT min(low) AS low, max(high) AS high FROM cmc_price_bars_1d WHERE id = ${id}`,
      );
      expect(sum).toEqual({
        low: Math.min(...source.map((day) => Number(day['low']))),
        high: Math.max(...source.map((day) => Number(day['high']))),
      });
    });
  });

  describe.each(onFirst(engine, ['a sibling']))('%s of a shared case', () => {
    const prices = (i: number): Day['prices'] => [100 + i, i === 6 ? 140 : 105 + i, i === 2 ? 60 : 95 + i, 100.5 + i];

    it.each([
      ['in the morning', '09:30:00Z'],
      ['at noon', '12:00:00Z'],
      ['a second before midnight', '23:59:59Z'],
    ])('days stamped %s keep extremes from before and after the stamp', async (_, time) => {
      const rows = days(14, (date, i) => ({
        stamp: `${date}T${time}`,
        prices: prices(i),
        extremes: [`${date}T23:00:00Z`, `${date}T00:30:00Z`],
      }));
      const id = await built('UTC', rows);
      const week = { open: 100, high: 140, low: 60, opens: '2024-01-01T00:00:00' };
      expect(await closed(id, 'multi_tf_cal_iso', '1W_CAL_ISO')).toMatchObject(week);
      expect(await closed(id, 'multi_tf', '7D')).toMatchObject(week);
    });

    it('a session opens its bars, and extremes before and after it count', async () => {
      const rows = days(14, (date, i) => ({
        stamp: `${date}T21:00:00Z`,
        prices: prices(i),
        window: [`${date}T14:30:00Z`, `${date}T21:00:00Z`],
        extremes: [`${date}T13:00:00Z`, `${date}T22:00:00Z`],
      }));
      const id = await built('UTC', rows);
      const week = { high: 140, low: 60, opens: '2024-01-01T14:30:00' };
      expect(await closed(id, 'multi_tf_cal_iso', '1W_CAL_ISO')).toMatchObject(week);
    });

    it('extremes whose instants nobody knows, or that lie in another day, keep their prices', async () => {
      const rows = days(7, (date, i) => ({
        stamp: `${date}T23:59:59.999Z`,
        prices: prices(i),
        extremes: i % 2 === 0 ? [null, null] : ['2023-06-01T00:00:00Z', '2025-06-01T00:00:00Z'],
      }));
      const id = await built('UTC', rows);
      expect(await closed(id, 'multi_tf', '7D')).toMatchObject({ high: 140, low: 60 });
    });

    it.each([
      ['of 23 hours in Havana', 'America/Havana', '2024-03-10T05:00:00Z', '2024-03-11T03:59:59.999Z'],
      ['of 25 hours in Sydney', 'Australia/Sydney', '2024-04-06T13:00:00Z', '2024-04-07T13:59:59.999Z'],
    ])('a day %s keeps a high at its opening', async (_, zone, opens, stamp) => {
      const first: Day = { stamp, prices: [100, 200, 90, 101], window: [opens, stamp], extremes: [opens, stamp] };
      const rest = Array.from({ length: 6 }, (__, i) => {
        const close = new Date(Date.parse(stamp) + (i + 1) * 86_400_000).toISOString();
        return row({ stamp: close, prices: [100, 110, 95, 101], window: [close, close], extremes: [close, close] });
      });
      const id = await built(zone, [row(first), ...rest]);
      expect(await closed(id, 'multi_tf', '7D')).toMatchObject({ high: 200, opens: opens.slice(0, 19) });
    });

    it('three rows of a day come one by one: each is the day until the next', async () => {
      const at = (time: string, close: number): SourceRecord =>
        row({ stamp: `2024-01-08T${time}Z`, prices: [50, 90, 40, close] });
      const id = await built(
        'UTC',
        days(7, (date, i) => ({ stamp: `${date}T23:59:59.999Z`, prices: prices(i) })),
        [at('10:00:00', 55)],
      );
      expect(await daily(id, '2024-01-08')).toMatchObject([{ close: 55 }]);
      await world.put(id, [at('15:00:00', 60)]);
      await world.refresh([id]);
      expect(await daily(id, '2024-01-08')).toMatchObject([{ close: 60 }]);
      await world.put(id, [at('12:00:00', 57)]); // late, and not the latest
      await world.refresh([id]);
      expect(await daily(id, '2024-01-08')).toMatchObject([{ close: 60 }]);
      await world.run(`DELETE FROM cmc_price_histories7 WHERE id = ${id} AND "timestamp" = '2024-01-08T15:00:00Z'`);
      await world.refresh([id]);
      expect(await daily(id, '2024-01-08')).toMatchObject([{ close: 57 }]);
      expect(await world.wrongTables(id)).toEqual([]);
    });

    it('a whole day that arrives under policy `warn` of backfills takes the place of the unfinished one', async () => {
      const id = await built(
        'UTC',
        days(5, (date, i) => ({ stamp: `${date}T23:59:59.999Z`, prices: prices(i) })),
        [row({ stamp: '2024-01-06T08:00:00Z', prices: [50, 60, 40, 55] })],
      );
      await world.put(id, [
        row({ stamp: '2024-01-06T23:59:59.999Z', prices: [50, 70, 40, 66] }),
        row({ stamp: '2024-01-02T11:00:00Z', prices: [1, 1, 1, 1] }), // behind the watermark
      ]);
      await world.refresh([id], 'UTC', 'warn');
      expect(await daily(id, '2024-01-06')).toMatchObject([{ high: 70, close: 66 }]);
      await world.refresh([id]);
      expect(await world.wrongTables(id)).toEqual([]);
    });

    it('a known volume adds to what is known', async () => {
      const id = await built(
        'UTC',
        days(7, (date, i) => ({ stamp: `${date}T23:59:59.999Z`, prices: prices(i), volume: i === 3 ? 7 : null })),
      );
      expect(await closed(id, 'multi_tf', '7D')).toMatchObject({ volume: 7 });
      const [first] = await world.rows<object>(
        `SELECT volume FROM cmc_price_bars_multi_tf WHERE id = ${id} AND tf = '7D' AND pos_in_bar = 3`,
      );
      expect(first).toEqual({ volume: null });
    });

    it('prices that go through zero and back, and prices of zero alone, have right EMAs', async () => {
      const swing = (i: number): number => Math.round(30 * Math.sin(i)) / 10;
      const through = days(40, (date, i) => ({
        stamp: `${date}T23:59:59.999Z`,
        prices: [swing(i), swing(i) + 1, swing(i) - 1, swing(i + 1)],
      }));
      const zeros = days(40, (date) => ({ stamp: `${date}T23:59:59.999Z`, prices: [0, 0, 0, 0] }));
      for (const id of [await built('UTC', through), await built('UTC', zeros)]) {
        const [counts] = await world.rows<object>(
          `SELECT (SELECT count(*)::int FROM ema_rejects WHERE id = ${id}) AS rejects, (SELECT count(*)::int FROM cmc_price_bars_1d WHERE id = ${id}) AS bars`,
        );
        expect(counts).toEqual({ rejects: 0, bars: 40 });
      }
    });
  });

  // the profile that samples looks at generated shapes
  it.each(onFirst<Profile>(engine, ['paranoid']))('nothing of all that is above a WARNING in %s', async (profile) => {
    const { wrong, warnings } = await world.findings([profile]);
    expect(wrong).toEqual([]);
    const belowZero = warnings.filter(({ check, message }) => check === 'B04' && message.includes('at or below 0'));
    expect(belowZero.length).toBe(new Set(belowZero.map(({ message }) => message.split(',')[0])).size);
    expect(belowZero.length).toBeGreaterThan(1);
  });
});
