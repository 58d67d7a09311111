import type { DailyBars, DailyRejects, SourceSeries } from '@ta/bars-core/engine';
import { DAILY_BARS, DAILY_REJECTS, type ColumnTable, type CopyLayout, type FieldData } from '@ta/state-store';

/** What must change in the stored 1D tail so that it equals the rows just built. */
export interface DailyDiff {
  /** Indexes of the built bars to write. */
  readonly bars: Int32Array;
  /** Close instants (epoch ms) of stored bars to delete first: vanished, or written again. */
  readonly staleBars: readonly number[];
  /** Indexes of the built rejects to write. */
  readonly rejects: Int32Array;
  /** Close instants of stored rejects to delete first. */
  readonly staleRejects: readonly number[];
  /** Earliest instant at which something that later steps read differs, or null. */
  readonly firstChangedTs: number | null;
  /** Stored bars that are of another day now, or of a day that begins or ends at another instant. */
  readonly otherDays: number;
}

/** Columns that say of which day a bar is. */
const DAY_COLUMNS = ['day', 'day_from', 'day_until'];

/** Columns that later steps read: a difference here reaches every bar and EMA from that day on. */
const VALUE_COLUMNS = [
  ...['bar_seq', 'open', 'high', 'low', 'close', 'volume', 'market_cap'],
  ...['time_open', 'time_high', 'time_low'],
  ...DAY_COLUMNS,
];

type Cell = number | string | null;
/** Column data of the built rows, by stored column name. */
export type BuiltColumns = Readonly<Record<string, FieldData>>;

/** The 1D bars of one id as columns. */
export function barColumns(id: number, source: SourceSeries, bars: DailyBars): BuiltColumns {
  return {
    ...keyColumns(id, bars.ts, source, bars.sourceIndex),
    bar_seq: { numbers: bars.barSeq },
    day: { numbers: bars.day },
    day_from: { numbers: bars.dayFrom },
    day_until: { numbers: bars.dayUntil },
    time_open: { numbers: bars.timeOpen },
    time_close: { numbers: bars.timeClose },
    time_high: { numbers: bars.timeHigh },
    time_low: { numbers: bars.timeLow },
    open: { numbers: bars.open },
    high: { numbers: bars.high },
    low: { numbers: bars.low },
    close: { numbers: bars.close },
    volume: { numbers: bars.volume },
    market_cap: { numbers: bars.marketCap },
    is_missing_days: { numbers: bars.isMissingDays },
    repaired_timehigh: { numbers: bars.repairedTimeHigh },
    repaired_timelow: { numbers: bars.repairedTimeLow },
    repaired_high: { numbers: bars.repairedHigh },
    repaired_low: { numbers: bars.repairedLow },
  };
}

/** The 1D rejects of one id as columns: values after repair, and the raw extremes. */
export function rejectColumns(id: number, source: SourceSeries, rejects: DailyRejects): BuiltColumns {
  const from = (column: Float64Array): FieldData => ({ numbers: picked(column, rejects.sourceIndex) });
  // an instant that no number can hold is copied inside the database afterwards
  const instants = (column: Float64Array): FieldData => ({ numbers: column.map(finiteOrUnknown) });
  const instantsFrom = (column: Float64Array): FieldData => instants(picked(column, rejects.sourceIndex));
  return {
    ...keyColumns(id, picked(source.ts, rejects.sourceIndex), source, rejects.sourceIndex),
    src_load_ts: instantsFrom(source.loadTs),
    tf: { constant: '1D' },
    reason: { strings: rejects.reason },
    bar_seq: { numbers: rejects.barSeq },
    day: { numbers: rejects.day },
    day_from: { numbers: rejects.dayFrom },
    day_until: { numbers: rejects.dayUntil },
    time_open: instantsFrom(source.timeOpen),
    time_close: instantsFrom(source.timeClose),
    time_high: instants(rejects.timeHigh),
    time_low: instants(rejects.timeLow),
    open: from(source.open),
    high: { numbers: rejects.high },
    low: { numbers: rejects.low },
    close: from(source.close),
    volume: from(source.volume),
    market_cap: from(source.marketCap),
    raw_high: from(source.high),
    raw_low: from(source.low),
    raw_timehigh: instantsFrom(source.timeHigh),
    raw_timelow: instantsFrom(source.timeLow),
  };
}

function keyColumns(id: number, ts: Float64Array, source: SourceSeries, rows: Int32Array): BuiltColumns {
  return {
    id: { constant: id },
    timestamp: { numbers: ts },
    src_name: { strings: Array.from(rows, (row) => source.name[row] ?? null) },
    src_load_ts: { numbers: picked(source.loadTs, rows) },
    src_file: { strings: Array.from(rows, (row) => source.sourceFile[row] ?? null) },
  };
}

function finiteOrUnknown(value: number): number {
  return Number.isFinite(value) ? value : Number.NaN;
}

function picked(column: Float64Array, rows: Int32Array): Float64Array {
  return Float64Array.from(rows, (row) => column[row]);
}

/**
 * Compares the rows just built from some instant on with the stored rows from the same instant on. NULL and NaN are the
 * same: not known.
 *
 * @param stored 1D bars and rejects as read back, ascending by `timestamp`
 */
export function diffDaily(
  bars: BuiltColumns,
  rejects: BuiltColumns,
  stored: { readonly bars: ColumnTable; readonly rejects: ColumnTable },
): DailyDiff {
  const barDiff = diffRows(bars, stored.bars, DAILY_BARS.layout, VALUE_COLUMNS);
  const rejectDiff = diffRows(rejects, stored.rejects, DAILY_REJECTS.layout, []);
  return {
    bars: barDiff.write,
    staleBars: barDiff.stale,
    rejects: rejectDiff.write,
    staleRejects: rejectDiff.stale,
    firstChangedTs: barDiff.firstChangedTs,
    otherDays: barDiff.otherDays,
  };
}

/** Merges two ascending row sets on their instant. `watched` columns (and a row on one side only) set the first change. */
function diffRows(built: BuiltColumns, stored: ColumnTable, layout: CopyLayout, watched: readonly string[]) {
  const ts = (built['timestamp'] as { numbers: Float64Array }).numbers;
  const storedTs = stored.number('timestamp');
  const columns = layout.fields
    .filter(({ column }) => column !== 'id' && column !== 'timestamp')
    .map(({ column, type }) => ({
      isWatched: watched.includes(column),
      isOfDay: DAY_COLUMNS.includes(column),
      here: builtCells(built[column] as FieldData),
      there: type === 'text' ? cells(stored.text(column)) : cells(stored.number(column)),
    }));
  const write: number[] = [];
  const stale: number[] = [];
  let firstChangedTs: number | null = null;
  let otherDays = 0;

  let i = 0;
  let j = 0;
  while (i < ts.length || j < storedTs.length) {
    const here = ts[i] ?? Number.POSITIVE_INFINITY;
    const there = storedTs[j] ?? Number.POSITIVE_INFINITY;
    if (here < there) {
      write.push(i++);
      firstChangedTs ??= here;
    } else if (there < here) {
      stale.push(there);
      firstChangedTs ??= there;
      j++;
    } else {
      const different = columns.filter((column) => !Object.is(column.here(i), column.there(j)));
      if (different.length > 0) {
        write.push(i);
        stale.push(here);
      }
      if (different.some((column) => column.isWatched)) firstChangedTs ??= here;
      if (different.some((column) => column.isOfDay)) otherDays++;
      i++;
      j++;
    }
  }
  return { write: Int32Array.from(write), stale, firstChangedTs, otherDays };
}

function cells(column: ArrayLike<Cell>): (row: number) => Cell {
  return (row) => column[row];
}

function builtCells(data: FieldData): (row: number) => Cell {
  if ('constant' in data) return () => data.constant;
  if ('numbers' in data) return cells(data.numbers);
  if ('strings' in data) return cells(data.strings);
  throw new TypeError('daily rows have no such column shape');
}
