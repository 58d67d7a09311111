import {
  buildSnapshots,
  createSnapshotColumns,
  encodeBarState,
  firstIndexAtOrAfter,
  formatCivilDay,
  NO_DAY,
  openBarState,
  type CivilDay,
  type SnapshotColumns,
  type Timeframe,
} from '@ta/bars-core/engine';
import { copyOutSql, decodeCopy, instantSql, type ColumnTable, type CopyLayout } from '@ta/state-store';
import type { Found } from '../finding.ts';
import { FoundList } from '../found-list.ts';
import { chunksOf, isoInstant, readDailyInput, type DailyInput, type RowRange } from './daily-input.ts';
import type { BarPlace } from './place.ts';
import {
  difference,
  differingRows,
  numberPair,
  rowDifference,
  textPair,
  type ColumnPair,
  type NumberPairOptions,
} from './row-differences.ts';

/** Days folded and read at a time; this bounds memory, however long the history is. */
const CHUNK_DAYS = 256;

/** The result of a pass over the snapshots of an asset in a table. */
export interface BarPass {
  readonly found: FoundList;
  /** Stored rows per selected timeframe. */
  readonly tallies: ReadonlyMap<string, { rows: number; closed: number }>;
  /** The numbers that resume the fold after all daily bars, by timeframe; null when not all of them were folded. */
  readonly resume: ReadonlyMap<string, Float64Array> | null;
}

/** Folds the daily bars of an asset again and compares every stored snapshot of the selected timeframes with the result. */
export async function recomputeBars(place: BarPlace): Promise<BarPass> {
  const { context, asset, table } = place;
  const found = new FoundList(table.table, asset.id);
  const timeframes = context.barTimeframes(table.family);
  const tallies = new Map(timeframes.map(({ tf }) => [tf, { rows: 0, closed: 0 }]));
  if (timeframes.length === 0) return { found, tallies, resume: null };
  const daily = await readDailyInput(place);
  const range = context.rangeOf(asset, 'recompute');
  const first = firstIndexAtOrAfter(daily.ts, range.fromTs);
  const last = firstIndexAtOrAfter(daily.ts, range.untilTs);
  const job: Job = { ...place, timeframes, daily, tallies };
  const lanes = timeframes.map((timeframe) => openBarState(timeframe));
  const out = createSnapshotColumns(Math.min(CHUNK_DAYS, Math.max(1, daily.length)) * timeframes.length);
  const fold = (from: number, until: number): Int32Array => {
    out.length = 0;
    const position = new Int32Array((until - from) * lanes.length).fill(-1);
    lanes.forEach((state, lane) => {
      const start = out.length;
      buildSnapshots(daily, timeframes[lane], { state, from, until, out, trading: asset.trading });
      for (let at = start; at < out.length; at++) position[(out.sourceRow[at] - from) * lanes.length + lane] = at;
    });
    return position;
  };
  for (let from = 0; from < first; from += CHUNK_DAYS) fold(from, Math.min(from + CHUNK_DAYS, first));
  for (const chunk of chunksOf(daily, first, last, range, CHUNK_DAYS))
    found.push(...(await compareChunk(job, chunk, out, fold(chunk.from, chunk.until))));
  const isWhole = last === daily.length;
  const resume = isWhole ? new Map(timeframes.map(({ tf }, lane) => [tf, encodeBarState(lanes[lane])])) : null;
  return { found, tallies, resume };
}

interface Job extends BarPlace {
  readonly timeframes: readonly Timeframe[];
  readonly daily: DailyInput;
  readonly tallies: ReadonlyMap<string, { rows: number; closed: number }>;
}

/** @param position snapshot of (day − from, timeframe), or −1 where a timeframe has none on that day */
async function compareChunk(
  job: Job,
  { from, until, fromTs, untilTs }: RowRange,
  out: SnapshotColumns,
  position: Int32Array,
): Promise<Found[]> {
  const { daily, timeframes } = job;
  job.context.assertGoesOn();
  const stored = await readStored(job, fromTs, untilTs);
  const pairs = columnPairs(stored, out, job.context.request.relTolerance);
  const lanes = lanesOf(stored, timeframes);
  const tallies = timeframes.map(({ tf }) => job.tallies.get(tf) as { rows: number; closed: number });
  const ts = stored.number('time_close');
  const { codes } = stored.codes('tf');
  const closedAt = stored.number('closed_at');
  const isSeen = new Uint8Array(out.length);
  const atOf = new Int32Array(stored.length).fill(-1);
  const found: Found[] = [];
  const placeOf = (row: number) => ({ tf: timeframes[lanes[codes[row]]].tf, key: isoInstant(ts[row]) });
  let day = from;
  for (let row = 0; row < stored.length; row++) {
    const lane = lanes[codes[row]];
    if (lane < 0) continue;
    const tally = tallies[lane];
    tally.rows++;
    if (!Number.isNaN(closedAt[row])) tally.closed++;
    // rows come mostly in the order of time, as they were written
    if (daily.ts[day] !== ts[row]) day = firstIndexAtOrAfter(daily.ts, ts[row]);
    const at = day < until && daily.ts[day] === ts[row] ? position[(day - from) * timeframes.length + lane] : -1;
    if (at < 0) found.push(difference(job, placeOf(row), 'extra', 'stored, but no daily bar produces it'));
    else if (isSeen[at] === 1) found.push(difference(job, placeOf(row), 'duplicate', 'stored twice'));
    else {
      isSeen[at] = 1;
      atOf[row] = at;
    }
  }
  for (const row of differingRows(pairs, atOf)) {
    const { columns, expected, actual, text } = rowDifference(pairs, row, atOf[row]);
    found.push({ ...difference(job, placeOf(row), 'different', text, { columns }), expected, actual });
  }
  position.forEach((at, cell) => {
    if (at < 0 || isSeen[at] === 1) return;
    const place = { tf: timeframes[cell % timeframes.length].tf, key: isoInstant(out.timeClose[at]) };
    found.push(difference(job, place, 'missing', 'not stored'));
  });
  return found;
}

function readStored(job: Job, fromTs: number, untilTs: number): Promise<ColumnTable> {
  const { session, asset, table } = job;
  // a damaged table may hold NULL anywhere
  const fields = table.layout.fields.map((field) => ({ ...field, nullable: true }));
  const layout: CopyLayout = { table: table.table, fields };
  const where = `WHERE id = ${asset.id} AND time_close >= ${instantSql(fromTs)} AND time_close < ${instantSql(untilTs)}`;
  return decodeCopy(layout, session.copyOut(copyOutSql(layout, where)));
}

/** Lane of each text code of the stored `tf` column. */
function lanesOf(stored: ColumnTable, timeframes: readonly Timeframe[]): number[] {
  return stored.codes('tf').labels.map((label) => timeframes.findIndex(({ tf }) => tf === label));
}

function columnPairs(stored: ColumnTable, out: SnapshotColumns, relTolerance: number): ColumnPair[] {
  type Numbers = Float64Array | Int32Array | Uint8Array;
  const pair = (column: string, values: Numbers, options: NumberPairOptions = {}) =>
    numberPair(column, stored.number(column), values, options);
  const instant = { show: isoInstant };
  const day = { nullIf: NO_DAY, show: (value: number) => formatCivilDay(value as CivilDay) };
  const flag = { show: (value: number) => value === 1 };
  return [
    pair('tf_days', out.tfDays),
    pair('bar_seq', out.barSeq),
    pair('bar_anchor_offset', out.barAnchorOffset, { nullIf: NO_DAY }),
    pair('time_open', out.timeOpen, instant),
    pair('time_high', out.timeHigh, instant),
    pair('time_low', out.timeLow, instant),
    pair('timestamp', out.timeClose, instant),
    pair('closed_at', out.closedAt, instant),
    pair('last_ts_half_open', out.timeClose, { ...instant, plus: 1 }),
    pair('open', out.open),
    pair('high', out.high),
    pair('low', out.low),
    pair('close', out.close),
    pair('volume', out.volume, { relTolerance }),
    pair('market_cap', out.marketCap, { relTolerance }),
    pair('pos_in_bar', out.posInBar),
    pair('count_days', out.countDays),
    pair('count_days_remaining', out.countDaysRemaining),
    pair('count_missing_days', out.countMissingDays),
    pair('count_missing_days_start', out.countMissingDaysStart),
    pair('count_missing_days_end', new Uint8Array(out.length)),
    pair('count_missing_days_interior', out.countMissingDaysInterior),
    pair('is_partial_start', out.isPartialStart, flag),
    pair('is_partial_end', out.isPartialEnd, flag),
    pair('is_missing_days', out.isMissingDays, flag),
    textPair('missing_days_where', stored.codes('missing_days_where'), out.missingDaysWhere),
    pair('first_missing_day', out.firstMissingDay, day),
    pair('last_missing_day', out.lastMissingDay, day),
  ];
}
