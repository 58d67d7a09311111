import { firstIndexAtOrAfter, type Timeframe } from '@ta/bars-core/engine';
import { advanceVariant, createEmaBlock, type AdvanceReport, type EmaBlock } from '@ta/ema-core/engine';
import {
  copyOutSql,
  decodeCopy,
  instantSql,
  quoteLiteral,
  type ColumnTable,
  type CopyLayout,
  type EmaTableFacts,
  type Session,
} from '@ta/state-store';
import type { AssetFacts } from '../assets.ts';
import type { CheckContext } from '../check-context.ts';
import type { Found } from '../finding.ts';
import type { FoundList } from '../found-list.ts';
import { placeText } from '../sql/found-rows.ts';
import { isoInstant, readDailyInput, type DailyInput } from './daily-input.ts';
import { openEmaLanes, type EmaLane } from './ema-inputs.ts';
import { periodsOf } from './ema-periods.ts';
import { alignmentFinding, boundsFinding, offGridFinding, windowDays, type RowPlace } from './ema-row-rules.ts';
import { differingRows, numberPair, rowDifference, type ColumnPair } from './row-differences.ts';
import { priceBounds, type PriceBounds } from './price-bounds.ts';

/** How many rows of a series one pass saw. */
export interface SeriesTally {
  readonly tf: string;
  readonly period: number;
  rows: number;
  canonical: number;
  /** Instant of the newest row, epoch ms. */
  newestTs: number;
}

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
}

/** Cells computed between two reads; bounds memory whatever the history. */
const CHUNK_CELLS = 65_536;

/** Where the rows are read, and of which asset and table. */
export interface EmaScanPlace {
  readonly context: CheckContext;
  readonly session: Session;
  readonly asset: AssetFacts;
  readonly table: EmaTableFacts;
}

/**
 * Computes the EMAs of an asset again from its bars, compares every stored row of the given timeframes with the result, and
 * judges the rows by the rules of the other checks on the way.
 * @param scan receives what is found
 */
export async function recomputeEmas(
  place: EmaScanPlace,
  timeframes: readonly Timeframe[],
  scan: EmaScan,
): Promise<void> {
  const { context, session, asset, table } = place;
  const daily = await readDailyInput(session, asset);
  const periods = await periodsOf(context, session, asset, table);
  const lanes = await openEmaLanes(session, asset, table, timeframes, periods, daily);
  const range = context.rangeOf(asset, 'recompute');
  const first = firstIndexAtOrAfter(daily.ts, range.fromTs);
  const last = firstIndexAtOrAfter(daily.ts, range.untilTs);
  const windows = windowDays(lanes, periods);
  const job: Job = { ...place, lanes, periods, daily, windows, bounds: priceBounds(daily.ts, daily.close), scan };
  const most = Math.max(1, Math.floor(CHUNK_CELLS / (lanes.length * periods.length)));
  const rows = Math.min(most, Math.max(1, daily.length));
  const block = createEmaBlock({ rows, timeframes: lanes.length, periods: periods.length, withBar: table.withBar });
  for (const lane of lanes) scan.recompute.push(...offGrid(job, lane));
  for (let from = 0; from < first; from += rows) {
    advance(job, block, from, Math.min(from + rows, first), () => undefined);
  }
  const report = (lane: EmaLane, result: AdvanceReport) => scan.recompute.push(...faults(job, lane, result));
  if (first === last) await compareChunk(job, block, first, first, range.fromTs, range.untilTs);
  for (let from = first; from < last; from += rows) {
    const until = Math.min(from + rows, last);
    advance(job, block, from, until, report);
    const fromTs = from === first ? range.fromTs : daily.ts[from];
    const untilTs = until === last ? range.untilTs : daily.ts[until];
    await compareChunk(job, block, from, until, fromTs, untilTs);
  }
}

interface Job extends EmaScanPlace {
  readonly lanes: readonly EmaLane[];
  readonly periods: readonly number[];
  readonly daily: DailyInput;
  /** Days of the price window of each series, in the order of the cells of a row. */
  readonly windows: readonly number[];
  readonly bounds: PriceBounds;
  readonly scan: EmaScan;
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
    const place = { firstRow: 0, offset: index * periods.length, tfOffset: index };
    report(lane, advanceVariant(lane.state, input, from, until, block, place));
  });
}

async function compareChunk(
  job: Job,
  block: EmaBlock,
  from: number,
  until: number,
  fromTs: number,
  untilTs: number,
): Promise<void> {
  const { daily, lanes, periods, scan } = job;
  job.context.assertGoesOn();
  const { table } = job.table;
  const stored = await readStored(job, fromTs, untilTs);
  const [ts, period, ema, roll] = ['ts', 'period', 'ema', 'roll'].map((column) => stored.number(column));
  const rollBar = job.table.withBar ? stored.number('roll_bar') : null;
  const { codes, labels } = stored.codes('tf');
  const laneOf = labels.map((label) => lanes.findIndex(({ timeframe }) => timeframe.tf === label));
  const indexOf = new Map(periods.map((value, index) => [value, index]));
  const cells = (until - from) * block.stride;
  const isSeen = new Uint8Array(cells);
  const atOf = new Int32Array(stored.length).fill(-1);
  const placeOf = (row: number): RowPlace => {
    return { id: job.asset.id, tf: labels[codes[row]], period: period[row], key: isoInstant(ts[row]) };
  };
  const extra = (row: number, text: string) => scan.recompute.push(difference(job, placeOf(row), 'extra', text));
  const tallies = labels.map(() => new Map<number, SeriesTally>());
  let day = from;
  for (let row = 0; row < stored.length; row++) {
    const lane = laneOf[codes[row]];
    const tally = tallies[codes[row]].get(period[row]) ?? openTally(scan, tallies, labels, codes[row], period[row]);
    tally.rows++;
    if (roll[row] === 0) tally.canonical++;
    if (ts[row] > tally.newestTs) tally.newestTs = ts[row];
    if (lane < 0) continue;
    // mostly in the order of time, as written
    if (daily.ts[day] !== ts[row]) day = firstIndexAtOrAfter(daily.ts, ts[row]);
    if (day >= until || daily.ts[day] !== ts[row]) {
      scan.alignment.push(offGridFinding(table, placeOf(row)));
      extra(row, 'stored, but there is no such day');
      continue;
    }
    const isClosed = lanes[lane].closed[day] === 1;
    const flag = isClosed ? 0 : 1;
    if (roll[row] !== flag || (rollBar !== null && rollBar[row] !== flag)) {
      scan.alignment.push(alignmentFinding(table, placeOf(row), roll[row], rollBar?.[row] ?? NaN, isClosed));
    }
    const p = indexOf.get(period[row]);
    if (p === undefined) {
      extra(row, 'stored, but no bar produces it');
      continue;
    }
    const inRow = lane * periods.length + p;
    const days = job.windows[inRow];
    if (job.bounds.isOutside(ema[row], day, days)) {
      scan.bounds.push(boundsFinding(table, placeOf(row), ema[row], job.bounds.of(day, days), days));
    }
    const cell = (day - from) * block.stride + inRow;
    if (block.ema[cell] !== block.ema[cell]) extra(row, 'stored, but no bar produces it');
    else if (isSeen[cell] === 1) scan.recompute.push(difference(job, placeOf(row), 'duplicate', 'stored twice'));
    else {
      isSeen[cell] = 1;
      atOf[row] = cell;
    }
  }
  const pairs = columnPairs(job, stored, block);
  for (const row of differingRows(pairs, atOf)) {
    const { columns, expected, actual, text } = rowDifference(pairs, row, atOf[row]);
    const detail = { columns, rel_diff: relativeDifference(expected, actual) };
    scan.recompute.push({ ...difference(job, placeOf(row), 'different', text, detail), expected, actual });
  }
  reportMissing(job, block, from, cells, isSeen);
}

/** The tally of a series, opened at its first row; the caller keeps it by text code and period. */
function openTally(
  scan: EmaScan,
  tallies: readonly Map<number, SeriesTally>[],
  labels: readonly string[],
  code: number,
  period: number,
): SeriesTally {
  const tf = labels[code];
  const key = `${tf} ${period}`;
  const tally = scan.tallies.get(key) ?? { tf, period, rows: 0, canonical: 0, newestTs: -Infinity };
  scan.tallies.set(key, tally);
  tallies[code].set(period, tally);
  return tally;
}

/** Rows that the bars give and that are not stored. */
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

function difference(
  job: Job,
  place: { readonly tf: string; readonly period?: number; readonly key: string },
  kind: string,
  text: string,
  more: Record<string, unknown> = {},
): Found {
  const where = { ...place, id: job.asset.id };
  return { table: job.table.table, ...where, detail: { kind, ...more }, message: `${placeText(where)}: ${text}` };
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

/** What the kernel itself complains about: values that are not finite, and bars that close at another price than their day. */
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

function readStored(job: Job, fromTs: number, untilTs: number): Promise<ColumnTable> {
  const { context, session, asset, table, lanes } = job;
  const layout: CopyLayout = {
    table: table.table,
    fields: table.layout.fields.map((field) => ({ ...field, nullable: true })),
  };
  const isWhole = lanes.length === context.emaTimeframes(table.source).length && context.request.tfs === null;
  const tfs = lanes.map(({ timeframe }) => quoteLiteral(timeframe.tf)).join(', ');
  // as an expression: a list of labels as condition on the index would cost more than it saves
  const among = isWhole ? '' : `AND tf || '' IN (${tfs})`;
  const periods =
    context.request.periods === null ? '' : `AND period IN (${[...context.request.periods, -1].join(', ')})`;
  const where = `WHERE id = ${asset.id} AND ts >= ${instantSql(fromTs)} AND ts < ${instantSql(untilTs)}`;
  return decodeCopy(layout, session.copyOut(copyOutSql(layout, `${where} ${among} ${periods}`)));
}

function columnPairs(job: Job, stored: ColumnTable, block: EmaBlock): ColumnPair[] {
  const { relTolerance } = job.context.request;
  const near = (column: string, values: Float64Array) =>
    numberPair(column, stored.number(column), values, { relTolerance });
  const { roll, tfDays } = cellColumns(job, block);
  const flag = { show: (value: number) => value === 1 };
  const pairs = [
    near('ema', block.ema),
    near('d1', block.d1),
    near('d2', block.d2),
    near('d1_roll', block.d1Roll),
    near('d2_roll', block.d2Roll),
    numberPair('roll', stored.number('roll'), roll, flag),
    numberPair('tf_days', stored.number('tf_days'), tfDays),
  ];
  if (!job.table.withBar) return pairs;
  return [
    ...pairs,
    near('ema_bar', block.emaBar),
    near('d1_bar', block.d1Bar),
    near('d2_bar', block.d2Bar),
    near('d1_roll_bar', block.d1RollBar),
    near('d2_roll_bar', block.d2RollBar),
    numberPair('roll_bar', stored.number('roll_bar'), roll, flag),
  ];
}

/** Flags and days per cell of the block, which has them per timeframe. */
function cellColumns(job: Job, block: EmaBlock): { roll: Uint8Array; tfDays: Int32Array } {
  const k = job.periods.length;
  const roll = new Uint8Array(block.columnLength);
  const tfDays = new Int32Array(block.columnLength);
  for (let cell = 0, group = 0; cell < block.columnLength; cell += k, group++) {
    roll.fill(block.roll[group], cell, cell + k);
    tfDays.fill(job.lanes[group % job.lanes.length].timeframe.nominalDays, cell, cell + k);
  }
  return { roll, tfDays };
}
