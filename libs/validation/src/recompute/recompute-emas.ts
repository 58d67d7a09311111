import { firstIndexAtOrAfter, type Timeframe } from '@ta/bars-core/engine';
import {
  advanceVariant,
  createEmaBlock,
  encodeVariantState,
  type AdvanceReport,
  type EmaBlock,
} from '@ta/ema-core/engine';
import { readPackedEmas, type PackedEmas } from '@ta/state-store';
import type { Found } from '../finding.ts';
import type { FoundList } from '../found-list.ts';
import { chunksOf, isoInstant, readDailyInput, type DailyInput, type RowRange } from './daily-input.ts';
import { openEmaLanes, type EmaLane } from './ema-inputs.ts';
import { periodsOf } from './ema-periods.ts';
import { alignmentFinding, boundsFinding, offGridFinding, windowDays, type RowPlace } from './ema-row-rules.ts';
import { openTally, tallyStrangers, type SeriesTally } from './ema-tallies.ts';
import type { EmaPlace } from './place.ts';
import { difference, numberPair, rowDifference, type ColumnPair } from './row-differences.ts';
import { priceBounds, type PriceBounds } from './price-bounds.ts';

/** What one pass over the stored rows of an asset's EMA table found; each part belongs to a check of its own. */
export interface EmaScan {
  /** Rows that are not what their bars give (E07). */
  readonly recompute: FoundList;
  /** Values outside the prices they can be made of (E03). */
  readonly bounds: FoundList;
  /** Canonical rows without a close, closes without a canonical row, rows without a day (E10). */
  readonly alignment: FoundList;
  /** Rows per series, by `tf period`. */
  readonly tallies: Map<string, SeriesTally>;
  /** The numbers that resume the computation after all daily bars, by timeframe; absent for those not computed that far. */
  readonly resume: Map<string, Float64Array>;
}

/** Cells computed between two reads; this bounds memory, however long the history is. */
const CHUNK_CELLS = 65_536;

/**
 * Computes the EMAs of an asset again from its bars, compares every stored value of the given timeframes with the result, and
 * judges the rows by the rules of the other checks on the way. Rows are read as they are stored, in the order of their key:
 * a few timeframes at a time, each from its first day to its last.
 * @param scan receives what is found
 */
export async function recomputeEmas(place: EmaPlace, timeframes: readonly Timeframe[], scan: EmaScan): Promise<void> {
  const { context, asset, table } = place;
  const daily = await readDailyInput(place);
  const periods = await periodsOf(place);
  const lanes = await openEmaLanes(place, timeframes, periods, daily);
  const range = context.rangeOf(asset, 'recompute');
  const first = firstIndexAtOrAfter(daily.ts, range.fromTs);
  const last = firstIndexAtOrAfter(daily.ts, range.untilTs);
  const bounds = priceBounds(daily.ts, daily.close);
  const days = Math.max(1, last - first);
  const together = Math.max(1, Math.floor(CHUNK_CELLS / (days * periods.length)));
  for (let at = 0; at < lanes.length; at += together) {
    const own = lanes.slice(at, at + together);
    const series = seriesOfLanes(place, own, periods, scan);
    const windows = windowDays(own, periods);
    const job: Job = { ...place, lanes: own, series, met: new Set(), periods, daily, windows, bounds, scan };
    await compareLanes(job, first, last, range);
    if (last === daily.length)
      for (const { timeframe, state } of own) scan.resume.set(timeframe.tf, encodeVariantState(state));
    scan.recompute.push(...otherPeriods(job));
  }
  const isWhole = lanes.length === context.emaTimeframes(table.source).length && context.request.tfs === null;
  if (isWhole) await tallyStrangers(place, lanes, range, scan);
  for (const [key, { rows }] of scan.tallies) if (rows === 0) scan.tallies.delete(key);
}

async function compareLanes(
  job: Job,
  first: number,
  last: number,
  range: Pick<RowRange, 'fromTs' | 'untilTs'>,
): Promise<void> {
  const { lanes, periods, daily, scan } = job;
  const most = Math.max(1, Math.floor(CHUNK_CELLS / (lanes.length * periods.length)));
  const rows = Math.min(most, Math.max(1, daily.length));
  const shape = { rows, timeframes: lanes.length, periods: periods.length, withBar: job.table.withBar };
  const block = createEmaBlock(shape);
  for (const lane of lanes) scan.recompute.push(...offGrid(job, lane));
  for (let from = 0; from < first; from += rows) {
    advance(job, block, from, Math.min(from + rows, first), () => undefined);
  }
  const report = (lane: EmaLane, result: AdvanceReport) => scan.recompute.push(...faults(job, lane, result));
  for (const chunk of chunksOf(daily, first, last, range, rows)) {
    advance(job, block, chunk.from, chunk.until, report);
    await compareChunk(job, block, chunk);
  }
}

/** A stored series of one of the lanes; arrays by period have the order of the stored arrays. */
interface LaneSeries {
  readonly lane: number;
  readonly tf: string;
  readonly periods: readonly number[];
  /** Cell of the period within a row of the block; −1 when the period is not computed. */
  readonly inRow: readonly number[];
  /** Null where the period is not selected. */
  readonly tallies: readonly (SeriesTally | null)[];
  readonly tfDays: number;
}

interface Job extends EmaPlace {
  readonly lanes: readonly EmaLane[];
  /** The stored series of the lanes, by number. */
  readonly series: ReadonlyMap<number, LaneSeries>;
  /** Numbers of the series that have rows. */
  readonly met: Set<number>;
  readonly periods: readonly number[];
  readonly daily: DailyInput;
  /** Days of the price window of each series, in the order of the cells of a row. */
  readonly windows: readonly number[];
  readonly bounds: PriceBounds;
  readonly scan: EmaScan;
}

/** The stored series of some lanes. A timeframe may have several, with other periods or another length. */
function seriesOfLanes(
  { context, table }: EmaPlace,
  lanes: readonly EmaLane[],
  periods: readonly number[],
  scan: EmaScan,
): Map<number, LaneSeries> {
  const wanted = context.request.periods;
  const found = new Map<number, LaneSeries>();
  for (const { series, tf, tfDays, periods: own } of context.emaSeries(table.source)) {
    const lane = lanes.findIndex(({ timeframe }) => timeframe.tf === tf);
    if (lane < 0) continue;
    const inRow = own.map((period) => {
      const p = periods.indexOf(period);
      return p < 0 ? -1 : lane * periods.length + p;
    });
    const isWanted = (period: number) => wanted === null || wanted.includes(period);
    const tallies = own.map((period) => (isWanted(period) ? openTally(scan, tf, period) : null));
    found.set(series, { lane, tf, periods: own, inRow, tallies, tfDays });
  }
  return found;
}

function advance(
  { lanes, periods, daily }: Job,
  block: EmaBlock,
  from: number,
  until: number,
  report: (lane: EmaLane, result: AdvanceReport) => void,
): void {
  lanes.forEach((lane, index) => {
    const input = { x: daily.close, closed: lane.closed, closePx: lane.closePx, late: lane.late };
    const place = { block, firstRow: 0, offset: index * periods.length, tfOffset: index };
    report(lane, advanceVariant(lane.state, input, from, until, place));
  });
}

async function compareChunk(job: Job, block: EmaBlock, { from, until, fromTs, untilTs }: RowRange): Promise<void> {
  const { context, session, asset, daily } = job;
  context.assertGoesOn();
  const stored = await readPackedEmas(session, { id: asset.id, series: [...job.series.keys()], fromTs, untilTs });
  const cells = (until - from) * block.stride;
  const isSeen = new Uint8Array(cells);
  const chunk: Chunk = { block, from, isSeen };
  let day = from;
  for (let row = 0; row < stored.length; row++) {
    const ts = stored.ts[row];
    // the next row is mostly of the same or of the next day
    if (daily.ts[day] !== ts) day = daily.ts[day + 1] === ts ? day + 1 : firstIndexAtOrAfter(daily.ts, ts);
    const isOnGrid = day < until && daily.ts[day] === ts;
    job.met.add(stored.series[row]);
    compareRow(job, chunk, stored, row, isOnGrid ? day : -1);
  }
  reportMissing(job, block, from, cells, isSeen);
}

/** The computed values of some days, beginning with `from`. */
interface Chunk {
  readonly block: EmaBlock;
  readonly from: number;
  /** 1 at the cells of the block whose EMA is stored. */
  readonly isSeen: Uint8Array;
}

/** @param day index of the row's daily bar; −1 where there is none */
function compareRow(
  job: Job,
  { block, from, isSeen }: Chunk,
  { series: numbers, ts, roll, ema, emaBar }: PackedEmas,
  row: number,
  day: number,
): void {
  const { scan, table, bounds, windows } = job;
  const series = job.series.get(numbers[row]) as LaneSeries;
  const isClosed = day >= 0 && job.lanes[series.lane].closed[day] === 1;
  const isFlagWrong = day >= 0 && (roll[row] === 0) !== isClosed;
  const [start, barStart] = [ema.starts[row], emaBar.starts[row]];
  const [length, barLength] = [ema.starts[row + 1] - start, emaBar.starts[row + 1] - barStart];
  const isSound = !isFlagWrong && series.tfDays === job.lanes[series.lane].timeframe.nominalDays;
  const placeOf = (i: number): RowPlace => {
    return { id: job.asset.id, tf: series.tf, period: series.periods[i], key: isoInstant(ts[row]) };
  };
  const extra = (i: number, text: string) => scan.recompute.push(difference(job, placeOf(i), 'extra', text));
  if (length > series.periods.length || (table.withBar && barLength > length))
    scan.recompute.push(excess(job, series, isoInstant(ts[row]), length, barLength));
  const known = Math.min(length, series.periods.length);
  for (let i = 0; i < known; i++) {
    const value = ema.values[start + i];
    const tally = series.tallies[i];
    // a NULL means that there is no EMA
    if (tally === null || (value !== value && ema.nulls[row] === 2)) continue;
    tally.rows++;
    if (roll[row] === 0) tally.canonical++;
    if (ts[row] > tally.newestTs) tally.newestTs = ts[row];
    if (day < 0) {
      scan.alignment.push(offGridFinding(table.table, placeOf(i)));
      extra(i, 'stored, but there is no such day');
      continue;
    }
    if (isFlagWrong) {
      const rollBar = barLength > 0 ? roll[row] : NaN;
      scan.alignment.push(alignmentFinding(table.table, placeOf(i), roll[row], rollBar, isClosed));
    }
    const inRow = series.inRow[i];
    if (inRow < 0) {
      extra(i, 'stored, but no bar produces it');
      continue;
    }
    if (bounds.isOutside(value, day, windows[inRow])) {
      const limits = bounds.of(day, windows[inRow]);
      scan.bounds.push(boundsFinding(table.table, placeOf(i), value, limits, windows[inRow]));
    }
    const cell = (day - from) * block.stride + inRow;
    const expected = block.ema[cell];
    if (expected !== expected) {
      extra(i, 'stored, but no bar produces it');
      continue;
    }
    if (isSeen[cell] === 1) {
      scan.recompute.push(difference(job, placeOf(i), 'duplicate', 'stored twice'));
      continue;
    }
    isSeen[cell] = 1;
    const bar = i < barLength ? emaBar.values[barStart + i] : NaN;
    // nearly all values are equal; the others are compared in detail
    if (isSound && value === expected && (!table.withBar || bar === block.emaBar[cell])) continue;
    const computed = { ema: expected, bar: block.emaBar[cell], roll: isClosed ? 0 : 1 };
    const pairs = pairsOf(job, series, { ema: value, bar, roll: roll[row] }, computed);
    const { columns, expected: right, actual, text } = rowDifference(pairs, 0, 0);
    if (text === '') continue;
    const detail = { columns, rel_diff: relativeDifference(right, actual) };
    scan.recompute.push({ ...difference(job, placeOf(i), 'different', text, detail), expected: right, actual });
  }
}

/** One EMA. */
interface EmaValues {
  readonly ema: number;
  readonly bar: number;
  readonly roll: number;
}

/** The columns of one EMA, each beside what was computed. */
function pairsOf(
  { context, lanes, table }: Job,
  series: LaneSeries,
  stored: EmaValues,
  computed: EmaValues,
): ColumnPair[] {
  const { relTolerance } = context.request;
  const pair = (column: string, value: number, expected: number, options = {}) =>
    numberPair(column, Float64Array.of(value), Float64Array.of(expected), options);
  const bars = table.withBar ? [pair('ema_bar', stored.bar, computed.bar, { relTolerance })] : [];
  return [
    pair('ema', stored.ema, computed.ema, { relTolerance }),
    pair('roll', stored.roll, computed.roll, { show: (value: number) => value === 1 }),
    pair('tf_days', series.tfDays, lanes[series.lane].timeframe.nominalDays),
    ...bars,
  ];
}

/** A row with more EMAs than the series has periods, or more bar EMAs than EMAs: no view shows the additional values. */
function excess(job: Job, { tf, periods }: LaneSeries, key: string, length: number, barLength: number): Found {
  const text = `ema has ${length} and ema_bar ${barLength} values, the series has ${periods.length} periods`;
  return difference(job, { tf, key }, 'extra', text);
}

/** Findings about rows stored under other periods than the states name: the next run would continue in another series. */
function otherPeriods(job: Job): Found[] {
  const named = job.periods.join(', ');
  return [...job.met]
    .map((number) => job.series.get(number) as LaneSeries)
    .filter(({ periods }) => periods.join(', ') !== named)
    .map(({ tf, periods }) => {
      const text = `rows are stored for the periods ${periods.join(', ')}, but the state is for ${named}`;
      return difference(job, { tf, key: 'periods' }, 'periods', text);
    });
}

/** Reports rows that follow from the bars but are not stored. */
function reportMissing(job: Job, block: EmaBlock, from: number, cells: number, isSeen: Uint8Array): void {
  const { lanes, periods, daily, scan, context } = job;
  const wanted = context.request.periods;
  for (let cell = 0; cell < cells; cell++) {
    if (isSeen[cell] === 1 || block.ema[cell] !== block.ema[cell]) continue;
    const inRow = cell % block.stride;
    const { tf } = lanes[Math.floor(inRow / periods.length)].timeframe;
    const period = periods[inRow % periods.length];
    if (wanted !== null && !wanted.includes(period)) continue;
    const place = { tf, period, key: isoInstant(daily.ts[from + Math.floor(cell / block.stride)]) };
    scan.recompute.push({ ...difference(job, place, 'missing', 'not stored'), expected: block.ema[cell] });
  }
}

function relativeDifference(expected: unknown, actual: unknown): number | null {
  if (typeof expected !== 'number' || typeof actual !== 'number') return null;
  return Math.abs(actual - expected) / Math.max(Math.abs(actual), Math.abs(expected));
}

function offGrid(job: Job, lane: EmaLane): Found[] {
  return lane.offGrid.map((ts) =>
    difference(
      job,
      { tf: lane.timeframe.tf, key: isoInstant(ts) },
      'off_grid',
      'a bar closes where there is no daily bar',
    ),
  );
}

/** What the kernel itself reports: values that are not finite, and bars that close at another price than their day. */
function faults(job: Job, lane: EmaLane, { nonFinite, closeMismatches }: AdvanceReport): Found[] {
  const { tf } = lane.timeframe;
  const at = (row: number) => isoInstant(job.daily.ts[row]);
  return [
    ...nonFinite.map(({ row, period, series, kind }) =>
      difference(job, { tf, period, key: at(row) }, kind, `recomputed ${series} is ${kind}`),
    ),
    ...closeMismatches.map(({ row, barClose, dailyClose }) => ({
      ...difference(
        job,
        { tf, key: at(row) },
        'close_mismatch',
        `the bar closes at ${barClose}, its day at ${dailyClose}`,
      ),
      expected: dailyClose,
      actual: barClose,
    })),
  ];
}
