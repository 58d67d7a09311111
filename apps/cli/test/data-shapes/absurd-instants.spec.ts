import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DatabaseEngine } from '@ta/state-store';
import { hasPostgres } from '../../../../libs/pipeline/test/test-database.ts';
import {
  isSecond,
  openFullBuilds,
  openShapeWorld,
  profilesOn,
  type FullBuilds,
  type ShapeWorld,
  type SourceRecord,
} from './shape-world.ts';

const day = (date: string, facts: SourceRecord = {}): SourceRecord => ({
  timestamp: `${date}T23:59:59.999Z`,
  ...{ timeopen: `${date}T00:00:00Z`, timeclose: `${date}T23:59:59.999Z` },
  ...{ timehigh: `${date}T15:00:00Z`, timelow: `${date}T06:00:00Z` },
  ...{ open: 10, high: 12, low: 9, close: 11, volume: 5, marketcap: 100 },
  ...facts,
});
/** When the absurd row came: after the others, in all assets at once, so that one full build is that of several. */
const LATER: SourceRecord = { load_ts: '2026-02-01T00:00:00Z' };
const SOUND = [day('2024-03-01'), day('2024-03-02'), day('2024-03-04')];

/** Rows that no engine can hold, or that no two programs read alike: the ruling asks for a reject, found at the row. */
const ABSURD: readonly (readonly [string, SourceRecord])[] = [
  ['infinity', day('2024-03-03', { timestamp: 'infinity' })],
  ['minus infinity', day('2024-03-03', { timestamp: '-infinity' })],
  ['the year 10000', day('2024-03-03', { timestamp: '10000-01-01 00:00:00Z' })],
  ['a year before the first', day('2024-03-03', { timestamp: '0044-03-15 12:00:00Z BC' })],
  ['the last year of PostgreSQL', day('2024-03-03', { timestamp: '294276-12-31 23:59:59Z' })],
  ['a day that closes at infinity', day('2024-03-03', { timeclose: 'infinity' })],
  ['a day that opens at minus infinity', day('2024-03-03', { timeopen: '-infinity' })],
  [
    'a high in the year 20000',
    day('2024-03-03', { timehigh: '20000-01-01 00:00:00Z', timeclose: '20000-01-02 00:00:00Z' }),
  ],
  ['a low before Christ', day('2024-03-03', { timelow: '0001-01-01 00:00:00Z BC' })],
  ['a load time of infinity', day('2024-03-03', { load_ts: 'infinity' })],
];

const ENGINES: readonly DatabaseEngine[] = hasPostgres() ? ['pglite', 'postgres'] : ['pglite'];

/** On the second engine half of them, others in every run; `make soak` plays all. */
const absurdOn = (engine: DatabaseEngine): typeof ABSURD => {
  if (!isSecond(engine) || process.env['TA_SHAPES'] !== undefined) return ABSURD;
  const half = { minLength: ABSURD.length / 2, maxLength: ABSURD.length / 2 };
  return fc.sample(fc.subarray([...ABSURD], half), 1)[0] as typeof ABSURD;
};

/** One timeframe of every kind and family: an absurd instant reaches all of them or none. */
const CATALOGUE = {
  timeframes: ['1D', '2D', '1W_CAL_ISO', '1W_CAL_US', '1W_CAL_ANCHOR_ISO', '1W_CAL_ANCHOR_US'],
  periods: [1, 2],
};
/** An asset without any, beside them. */
const NEIGHBOUR = 301;

let builds: FullBuilds;
beforeAll(async () => {
  builds = await openFullBuilds(CATALOGUE);
});
afterAll(() => builds?.close());

describe.each(ENGINES)('on %s, a row of an absurd instant', (engine) => {
  let world: ShapeWorld;
  // an asset had sound days before; on the second engine every other got all of them at once, as full builds do on the first
  const cases = absurdOn(engine).map(([title, absurd], i) => ({
    title,
    absurd: { ...LATER, ...absurd },
    id: 101 + i,
    isAtOnce: isSecond(engine) && i % 2 === 1,
  }));
  const ids = cases.map(({ id }) => id);
  let changes: object[];
  let failedIds: readonly number[];
  let lastId = 400;
  beforeAll(async () => {
    world = await openShapeWorld(engine, builds, CATALOGUE);
    const before = cases.filter(({ isAtOnce }) => !isAtOnce).map(({ id }) => id);
    for (const id of before) await world.put(id, SOUND);
    await world.refresh(before);
    for (const { id, absurd, isAtOnce } of cases) await world.put(id, [...(isAtOnce ? SOUND : []), absurd]);
    changes = await world.rows<object>(
      `SELECT count(DISTINCT id)::int AS ids, (count(*) FILTER (WHERE NOT (isfinite(first_ts) AND isfinite(last_ts))))::int AS infinite
       FROM cmc_price_histories7_changes`,
    );
    await world.put(NEIGHBOUR, SOUND);
    ({ failedIds } = await world.refresh([...ids, NEIGHBOUR]));
  });
  afterAll(() => world?.close());

  it('is noted as a change with finite bounds', () => {
    expect(changes).toEqual([{ ids: cases.length, infinite: 0 }]);
  });

  it('stops no asset: neither its own nor another', async () => {
    expect(failedIds).toEqual([]);
    expect(await counts(world, NEIGHBOUR)).toEqual({ source: 3, bars: 3, rejects: 0, exact: 0 });
  });

  it.each(cases)('$title: is a reject of its asset', async ({ id }) => {
    expect(await counts(world, id)).toEqual({ source: 4, bars: 3, rejects: 1, exact: 1 });
    expect(await world.wrongTables(id)).toEqual([]);
  });

  it(`is nothing that the validator calls an error in ${profilesOn(engine).join(', ')}`, async () => {
    expect((await world.findings(profilesOn(engine))).wrong).toEqual([]);
  });

  it('leaves nothing behind when it is deleted', async () => {
    for (const { id, absurd } of cases) {
      await world.run(
        `DELETE FROM cmc_price_histories7 WHERE id = ${id} AND "timestamp" = '${String(absurd['timestamp'])}'`,
      );
    }
    expect((await world.refresh([...ids, NEIGHBOUR])).failedIds).toEqual([]);
    for (const { id, title } of cases) {
      expect(await counts(world, id), title).toEqual({ source: 3, bars: 3, rejects: 0, exact: 0 });
      expect(await world.wrongTables(id), title).toEqual([]);
    }
  });

  it('of an asset that has nothing else leaves a reject and no bar', async () => {
    const id = ++lastId;
    await world.put(id, [day('2024-03-03', { timestamp: 'infinity' })]);
    expect((await world.refresh([id])).failedIds).toEqual([]);
    expect(await counts(world, id)).toEqual({ source: 1, bars: 0, rejects: 1, exact: 1 });
    await world.run(`DELETE FROM cmc_price_histories7 WHERE id = ${id}`);
    await world.refresh([id]);
    expect(await counts(world, id)).toEqual({ source: 0, bars: 0, rejects: 0, exact: 0 });
  });
});

/** Rows of an asset, and rejects that hold the instants of their source row as they are. */
async function counts(world: ShapeWorld, id: number): Promise<object> {
  const [row] = await world.rows<object>(
    `SELECT (SELECT count(*)::int FROM cmc_price_histories7 WHERE id = ${id}) AS source,
       (SELECT count(*)::int FROM cmc_price_bars_1d WHERE id = ${id}) AS bars,
       (SELECT count(*)::int FROM cmc_price_bars_1d_rejects WHERE id = ${id}) AS rejects,
       (SELECT count(*)::int FROM cmc_price_bars_1d_rejects r JOIN cmc_price_histories7 s USING (id, "timestamp")
        WHERE id = ${id} AND r.reason = 'failed_final_filter_unknown' AND (r.time_open, r.time_close, r.raw_timehigh, r.raw_timelow, r.src_load_ts)
          IS NOT DISTINCT FROM (s.timeopen, s.timeclose, s.timehigh, s.timelow, s.load_ts)) AS exact`,
  );
  return row as object;
}
