import { Temporal } from '@js-temporal/polyfill';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasPostgres } from '../../../../libs/pipeline/test/test-database.ts';
import { differences } from './independent-oracle.ts';
import {
  openFullBuilds,
  openShapeWorld,
  profilesOn,
  type FullBuilds,
  type ShapeWorld,
  type SourceRecord,
} from './shape-world.ts';

/** Cases to play; `make soak` asks for more. */
const CASES = Number(process.env['TA_SHAPES'] ?? '9');
/** No verdict: only what keeps a hang from lasting for ever. */
const TIME_LIMIT_MS = 300_000 + CASES * 10_000;

/** Zones of all kinds: whole, half and quarter hours, both hemispheres, changes at midnight, a day left out, none at all. */
const ZONES = [
  ...[
    'UTC',
    'America/New_York',
    'America/Chicago',
    'America/Denver',
    'America/Los_Angeles',
    'America/Halifax',
    'America/St_Johns',
  ],
  ...[
    'America/Havana',
    'America/Sao_Paulo',
    'America/Santiago',
    'America/Asuncion',
    'America/Caracas',
    'America/Nuuk',
    'America/Scoresbysund',
  ],
  ...[
    'Atlantic/Azores',
    'Europe/London',
    'Europe/Dublin',
    'Europe/Berlin',
    'Europe/Athens',
    'Europe/Moscow',
    'Europe/Istanbul',
  ],
  ...[
    'Africa/Cairo',
    'Africa/Casablanca',
    'Africa/Johannesburg',
    'Asia/Beirut',
    'Asia/Amman',
    'Asia/Tehran',
    'Asia/Kabul',
    'Asia/Kolkata',
  ],
  ...[
    'Asia/Kathmandu',
    'Asia/Tokyo',
    'Asia/Hong_Kong',
    'Asia/Gaza',
    'Australia/Sydney',
    'Australia/Adelaide',
    'Australia/Lord_Howe',
  ],
  ...['Pacific/Auckland', 'Pacific/Chatham', 'Pacific/Apia', 'Pacific/Kiritimati'],
];

/** Days around which clocks change somewhere, and others. */
const FIRST_DAYS = [
  '2011-12-20',
  '2018-02-10',
  '2018-10-25',
  '2023-03-01',
  '2023-10-20',
  '2024-02-15',
  '2024-03-25',
  '2024-08-25',
  '2019-12-20',
];

/** A row apart from its day; shares are of the day's length, in thousandths. */
const rowShape = fc.record({
  missingBefore: fc.oneof(
    { weight: 12, arbitrary: fc.constant(0) },
    { weight: 2, arbitrary: fc.integer({ min: 1, max: 9 }) },
  ),
  stampAt: fc.oneof({ weight: 3, arbitrary: fc.constantFrom(0, 1000) }, fc.integer({ min: 1, max: 999 })),
  /** Another row of the day, earlier or later. */
  secondAt: fc.option(fc.integer({ min: 1, max: 999 }), { nil: null, freq: 6 }),
  window: fc.constantFrom('day', 'day', 'session', 'before the stamp'),
  highAt: fc.option(fc.integer({ min: 0, max: 999 }), { nil: null, freq: 12 }),
  lowAt: fc.option(fc.integer({ min: 0, max: 999 }), { nil: null, freq: 12 }),
  open: fc.integer({ min: 0, max: 40 }),
  close: fc.integer({ min: 0, max: 40 }),
  reach: fc.integer({ min: 0, max: 6 }),
  volume: fc.option(fc.integer({ min: 0, max: 1_000 }), { nil: null, freq: 4 }),
  marketCap: fc.option(fc.integer({ min: 1, max: 9_999 }), { nil: null, freq: 4 }),
  /** When the row arrives, and whether it comes again with other prices. */
  arrives: fc.constantFrom('first', 'first', 'first', 'late'),
  isRevised: fc.oneof({ weight: 6, arbitrary: fc.constant(false) }, fc.constant(true)),
});
const assetShape = fc.record({
  zone: fc.constantFrom(...ZONES),
  firstDay: fc.constantFrom(...FIRST_DAYS),
  stamps: fc.constantFrom('opening', 'closing', 'anywhere'),
  /** What is taken off every price: 0 keeps all above zero, 20 gives both signs, 60 all below. */
  shift: fc.constantFrom(-1, -1, 20, 60),
  rows: fc.array(rowShape, { minLength: 1, maxLength: 45 }),
});
type AssetShape = typeof assetShape extends fc.Arbitrary<infer T> ? T : never;

/** The source as it is at first, and what arrives afterwards. */
function sourceOf(shape: AssetShape): { first: SourceRecord[]; later: SourceRecord[] } {
  const { zone, stamps, shift } = shape;
  const [first, later]: [SourceRecord[], SourceRecord[]] = [[], []];
  let date = Temporal.PlainDate.from(shape.firstDay).subtract({ days: 1 });
  for (const [i, day] of shape.rows.entries()) {
    date = date.add({ days: 1 + (i === 0 ? 0 : day.missingBefore) });
    const from = date.toZonedDateTime(zone).epochMilliseconds;
    const until = date.add({ days: 1 }).toZonedDateTime(zone).epochMilliseconds;
    if (until <= from) continue; // a day that the zone left out
    const at = (share: number): number => Math.min(until - 1, from + Math.round(((until - from) * share) / 1000));
    const stampAt = at(stamps === 'opening' ? 0 : stamps === 'closing' ? 1000 : day.stampAt);
    const row = (stamp: number, open: number, close: number): SourceRecord => {
      const price = (units: number): number => (units - shift) / 7;
      const text = (instant: number): string => new Date(instant).toISOString();
      const windows = {
        day: [from, until - 1],
        session: [at(400), at(700)],
        'before the stamp': [stamp - 86_399_999, stamp],
      };
      const [opens, closes] = windows[day.window] as [number, number];
      const instant = (share: number | null): string | null => (share === null ? null : text(at(share)));
      return {
        ...{
          timestamp: text(stamp),
          timeopen: text(opens),
          timeclose: text(closes),
          timehigh: instant(day.highAt),
          timelow: instant(day.lowAt),
        },
        ...{
          open: price(open),
          high: price(Math.max(open, close) + day.reach),
          low: price(Math.min(open, close) - (shift === -1 ? 0 : day.reach)),
        },
        ...{ close: price(close), volume: day.volume, marketcap: day.marketCap },
      };
    };
    (day.arrives === 'late' ? later : first).push(row(stampAt, day.open, day.close));
    if (day.secondAt !== null && at(day.secondAt) !== stampAt) later.push(row(at(day.secondAt), day.close, day.open));
    if (day.isRevised) later.push(row(stampAt, day.open, day.close + 3));
  }
  return { first, later };
}

describe(`${CASES} generated assets`, () => {
  let builds: FullBuilds;
  let world: ShapeWorld;
  let lastId = 0;
  const played = new Map<string, number>();
  beforeAll(async () => {
    builds = await openFullBuilds();
    world = await openShapeWorld(hasPostgres() ? 'postgres' : 'pglite', builds);
  });
  afterAll(async () => {
    process.stderr.write(`${lastId} generated assets in ${played.size} zones\n`);
    await world?.close();
    await builds?.close();
  });

  it(
    'every stored bar and EMA is what an independent oracle says, step by step and in one build',
    async () => {
      await fc.assert(
        fc.asyncProperty(assetShape, async (shape) => {
          const id = ++lastId;
          played.set(shape.zone, (played.get(shape.zone) ?? 0) + 1);
          const { first, later } = sourceOf(shape);
          const source = new Map<string, SourceRecord>();
          for (const rows of [first, later]) {
            if (rows.length === 0) continue;
            for (const row of rows) source.set(row['timestamp'] as string, row);
            await world.put(id, rows);
            expect((await world.refresh([id], shape.zone)).failedIds).toEqual([]);
            expect(await differences(world, id, [...source.values()], shape.zone)).toEqual([]);
          }
          expect(await world.wrongTables(id, shape.zone)).toEqual([]);
        }),
        { numRuns: CASES },
      );
    },
    TIME_LIMIT_MS,
  );

  it(
    'the validator finds nothing above a WARNING',
    async () => {
      expect((await world.findings(profilesOn(world.database.engine))).wrong).toEqual([]);
    },
    TIME_LIMIT_MS,
  );
});
