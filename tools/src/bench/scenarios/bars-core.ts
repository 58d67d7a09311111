import {
  BAR_FAMILIES,
  buildSnapshots,
  civilDay,
  createDailySeries,
  createSnapshotColumns,
  ONE_DAY_MS,
  openBarState,
  TIMEFRAME_CATALOGUE,
  timeframesOf,
  windowOf,
  ymd,
  type CivilDay,
  type DailySeries,
  type SnapshotColumns,
  type Timeframe,
} from '@ta/bars-core/engine';
import { inTurns, type Turns } from '../in-turns.ts';
import type { Cell } from '../report.ts';
import type { Mode, Scenario } from '../scenario.ts';
import { duckDbPeer } from '../snapshot-peers/duckdb.ts';
import { polarsPeer } from '../snapshot-peers/polars.ts';
import {
  PRICES,
  UNITS,
  type BarRule,
  type Days,
  type PriceColumns,
  type SnapshotPeer,
} from '../snapshot-peers/snapshot-peer.ts';

const DAYS: Record<Mode, number> = { quick: 730, full: 3650 };
const TURNS: Record<Mode, Turns> = {
  quick: { turns: 3, warmUps: 2, measured: 3 },
  full: { turns: 3, warmUps: 2, measured: 3 },
};
const FAMILIES = BAR_FAMILIES.map((family) => timeframesOf(family, TIMEFRAME_CATALOGUE));
const TIMEFRAMES = FAMILIES.flat().length;
/** Days folded before the snapshots are handed on: as many as a refresh folds between two encodings. */
const CHUNK_DAYS = 256;
const TOLERANCE = 1e-12;
/** An origin after the last day in every unit: no day falls into a bar. */
const NEVER = 2 ** 30;

/** Snapshots of every timeframe: at least 5 times as fast as general engines. */
export const barsCore: Scenario = {
  name: 'bars-core',
  async run(bench, mode) {
    const rows = wave(DAYS[mode]);
    const days = daysOf(rows);
    const rules = FAMILIES.flat().map((timeframe) => ruleOf(timeframe, rows));
    const snapshots = everySnapshot(rows);
    const count = snapshots.close.length;
    const peers: SnapshotPeer[] = [];
    for (const open of [duckDbPeer, polarsPeer]) {
      const peer = await open(days, rules);
      if (peer !== undefined) peers.push(peer);
    }
    try {
      for (const peer of peers) {
        bench.note(`comparing ${count.toLocaleString('en-US')} snapshots with ${peer.name}`);
        assertEqual(peer.name, await peer.compute().then(() => peer.read()), snapshots);
      }
      bench.note('timing');
      const buffer = snapshotBuffer();
      const ours = { name: 'bars-core', work: () => fold(rows, buffer, () => undefined) };
      const ms = await inTurns([ours, ...peers.map(({ name, compute }) => ({ name, work: compute }))], TURNS[mode]);
      const own = ms.get(ours.name) as number;
      return {
        scenario: 'bars-core',
        about:
          `The snapshots of all ${TIMEFRAMES} timeframes (five families) of one asset with ${rows.length.toLocaleString('en-US')} ` +
          `days: ${count.toLocaleString('en-US')} of them. Each engine has the days in its own memory and leaves the snapshots ` +
          'there. The others also have the numbers of the days in weeks, months and years ready-made, and compute open, high, ' +
          'low, close and volume to date in one query; bars-core fills all 28 columns. Open, high, low and close were found ' +
          `equal first, volume within ${TOLERANCE}. Medians of ${TURNS[mode].turns * TURNS[mode].measured} runs each in ` +
          `${TURNS[mode].turns} turns.`,
        tables: [
          {
            caption: 'Aim: the others at least 5 times as slow.',
            columns: ['', 'ms', 'snapshots/s', 'times bars-core'],
            rows: [...ms].map(([name, found]): Cell[] => [
              name,
              found,
              Math.round(count / (found / 1000)),
              found / own,
            ]),
          },
          ...(peers.some(({ name }) => name.startsWith('polars'))
            ? []
            : [
                {
                  caption:
                    'polars is not installed: `npm i --no-save nodejs-polars@0.26.1 nodejs-polars-linux-x64-gnu@0.26.1`.',
                  columns: [''],
                  rows: [],
                },
              ]),
        ],
      };
    } finally {
      for (const peer of peers) peer.close();
    }
  },
};

/** Smooth made-up days with a gap every 97; the cost of a snapshot does not depend on the prices. */
function wave(length: number): DailySeries {
  const series = createDailySeries(length);
  for (let row = 0; row < length; row++) {
    const day = civilDay(2015, 6, 4) + row + Math.floor(row / 97);
    series.day[row] = day;
    series.ts[row] = (day + 1) * ONE_DAY_MS - 1;
    series.open[row] = 100 + 10 * Math.sin(row / 9);
    series.close[row] = 100 + 10 * Math.sin((row + 1) / 9);
    series.high[row] = Math.max(series.open[row], series.close[row]) + 1 + Math.cos(row);
    series.low[row] = Math.min(series.open[row], series.close[row]) - 1 - Math.cos(row);
    series.volume[row] = 1000 + row * 1.1;
    series.marketCap[row] = 1e9 + row;
    series.timeHigh[row] = day * ONE_DAY_MS + 54_000_000;
    series.timeLow[row] = day * ONE_DAY_MS + 18_000_000;
  }
  return series;
}

/** Room for the snapshots of a chunk of days of any family. */
function snapshotBuffer(): SnapshotColumns {
  return createSnapshotColumns(CHUNK_DAYS * Math.max(...FAMILIES.map(({ length }) => length)));
}

/**
 * Folds every timeframe of every family over the rows, as a refresh does.
 * @param onChunk gets the snapshots of up to {@link CHUNK_DAYS} days of one timeframe: those in `out` from `from` on
 */
function fold(
  rows: DailySeries,
  out: SnapshotColumns,
  onChunk: (timeframe: number, out: SnapshotColumns, from: number) => void,
): void {
  let first = 0;
  for (const timeframes of FAMILIES) {
    const states = timeframes.map(openBarState);
    for (let from = 0; from < rows.length; from += CHUNK_DAYS) {
      const until = Math.min(from + CHUNK_DAYS, rows.length);
      out.length = 0;
      timeframes.forEach((timeframe, at) => {
        const before = out.length;
        buildSnapshots(rows, timeframe, { state: states[at], from, until, out });
        onChunk(first + at, out, before);
      });
    }
    first += timeframes.length;
  }
}

/** The days, each with its number in every unit. */
function daysOf(rows: DailySeries): Days {
  const { open, high, low, close, volume } = rows;
  const numbers = (unit: (typeof UNITS)[number]): Int32Array =>
    Int32Array.from(rows.day, (day, row) => unitNumber(unit, day as CivilDay, row));
  return {
    ...{ open, high, low, close, volume },
    row: numbers('row'),
    isoWeek: numbers('isoWeek'),
    usWeek: numbers('usWeek'),
    month: numbers('month'),
    year: numbers('year'),
  };
}

/** Weeks are counted from 1970-01-05, a Monday, and from 1970-01-04. */
function unitNumber(unit: (typeof UNITS)[number], day: CivilDay, row: number): number {
  if (unit === 'row') return row;
  if (unit === 'isoWeek') return Math.floor((day - 4) / 7);
  if (unit === 'usWeek') return Math.floor((day - 3) / 7);
  const { year, month } = ymd(day);
  return unit === 'year' ? year : 12 * year + month - 1;
}

/** The rule of a timeframe as a general engine takes it; its origin is the first day of the timeframe's first window. */
function ruleOf(timeframe: Timeframe, rows: DailySeries): BarRule {
  const { kind, unit, quantity, scheme } = timeframe;
  const name = { D: 'row', W: scheme === 'US' ? 'usWeek' : 'isoWeek', M: 'month', Q: 'month', Y: 'year' } as const;
  const counted = name[unit];
  const [firstDay] = rows.day as unknown as CivilDay[];
  const windows =
    kind === 'rolling' ? [] : Array.from(rows.day, (day) => windowOf(timeframe, firstDay, day as CivilDay));
  const first = windows.find((window) => window !== null);
  return {
    unit: UNITS.indexOf(counted),
    quantity: unit === 'Q' ? 3 * quantity : quantity,
    // a history that ends before an aligned timeframe begins gives it no bar
    origin: kind === 'rolling' ? 0 : first == null ? NEVER : unitNumber(counted, first.firstDay, 0),
  };
}

/** All snapshots by bars-core, timeframe by timeframe. */
function everySnapshot(rows: DailySeries): PriceColumns {
  const found = Array.from({ length: TIMEFRAMES }, (): number[][] => []);
  fold(rows, snapshotBuffer(), (timeframe, out, from) => {
    for (let i = from; i < out.length; i++) found[timeframe].push(PRICES.map((name) => out[name][i]));
  });
  const all = found.flat();
  const [open, high, low, close, volume] = PRICES.map((_, price) => Float64Array.from(all, (prices) => prices[price]));
  return { open, high, low, close, volume };
}

/** @throws Error when an engine gives other numbers, since its speed would mean nothing then */
function assertEqual(engine: string, actual: PriceColumns, expected: PriceColumns): void {
  for (const name of PRICES) {
    const tolerance = name === 'volume' ? TOLERANCE : 0;
    if (actual[name].length !== expected[name].length)
      throw new Error(`${engine} has ${actual[name].length} snapshots`);
    for (let i = 0; i < expected[name].length; i++) {
      if (Math.abs(actual[name][i] - expected[name][i]) <= tolerance * expected[name][i]) continue;
      throw new Error(`${engine}: ${name} of snapshot ${i} is ${actual[name][i]}, expected ${expected[name][i]}`);
    }
  }
}
