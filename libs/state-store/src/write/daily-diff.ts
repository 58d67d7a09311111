import type { DailyBars, DailyBuild, DailyRejects, SourceSeries } from '@ta/bars-core/engine';
import type { ColumnTable } from '../copy/column-table.ts';
import type { FieldData } from '../copy/field-data.ts';
import type { DailyTail } from '../read/daily-bars.ts';
import { DAILY_BARS, DAILY_REJECTS } from '../tables/daily-tables.ts';
import type { KeyedTable } from '../tables/keyed-table.ts';
import type { BuiltColumns } from './insert-rows.ts';
import type { DailyRowsChange } from './replace-daily-rows.ts';
import { differsIn, numberColumns, valuesOf } from './row-diff.ts';

/** The changes that make the stored 1D tail equal to the rows just built. */
export interface DailyDiff extends DailyRowsChange {
  /** Instants at which a column that later steps read differs, ascending. */
  readonly changedTs: readonly number[];
  /** Stored bars that now belong to another day, or to a day that begins or ends at another instant. */
  readonly otherDays: number;
}

const KEY = ['id', 'timestamp'];

/** Columns with the day of a bar. */
const DAY_COLUMNS = ['day', 'day_from', 'day_until'] as const;

/** Columns that later steps read: a difference in them affects every bar and EMA from that day on. */
const VALUE_COLUMNS = [
  ...(['bar_seq', 'open', 'high', 'low', 'close', 'volume', 'market_cap'] as const),
  ...(['time_open', 'time_high', 'time_low'] as const),
  ...DAY_COLUMNS,
];

/**
 * Compares the rows just built from some instant on with the stored rows from the same instant on. NULL and NaN both
 * mean unknown and count as equal.
 *
 * @param stored 1D bars and rejects as read back, ascending by `timestamp`
 */
export function diffDaily(
  id: number,
  source: SourceSeries,
  built: DailyBuild,
  stored: Pick<DailyTail, 'bars' | 'rejects'>,
): DailyDiff {
  const bars = diffByInstant(DAILY_BARS, barColumns(id, source, built.bars), stored.bars);
  const rejects = diffByInstant(DAILY_REJECTS, rejectColumns(id, source, built.rejects), stored.rejects);
  return {
    bars: bars.write,
    staleBars: bars.stale,
    rejects: rejects.write,
    staleRejects: rejects.stale,
    changedTs: bars.changedTs,
    otherDays: bars.otherDays,
  };
}

/** The 1D bars of one id as columns. */
function barColumns(id: number, source: SourceSeries, bars: DailyBars): BuiltColumns {
  return {
    ...keyColumns(id, bars.ts, source, bars.sourceIndex),
    ...numberColumns(bars, [...VALUE_COLUMNS, 'time_close', 'is_missing_days', 'repaired_high', 'repaired_low']),
    repaired_timehigh: { numbers: bars.repairedTimeHigh },
    repaired_timelow: { numbers: bars.repairedTimeLow },
  };
}

/** The 1D rejects of one id as columns: values after repair, and the raw extremes. */
function rejectColumns(id: number, source: SourceSeries, rejects: DailyRejects): BuiltColumns {
  const from = (column: Float64Array): FieldData => ({ numbers: picked(column, rejects.sourceIndex) });
  // instants outside the years 0001 to 9999 are later copied inside the database (`restoreRejectInstants`)
  const instants = (column: Float64Array): FieldData => ({ numbers: column.map(finiteOrUnknown) });
  const instantsFrom = (column: Float64Array): FieldData => instants(picked(column, rejects.sourceIndex));
  return {
    ...keyColumns(id, picked(source.ts, rejects.sourceIndex), source, rejects.sourceIndex),
    src_load_ts: instantsFrom(source.loadTs),
    tf: { constant: '1D' },
    reason: { strings: rejects.reason },
    ...numberColumns(rejects, ['bar_seq', 'day', 'day_from', 'day_until', 'high', 'low']),
    time_open: instantsFrom(source.timeOpen),
    time_close: instantsFrom(source.timeClose),
    time_high: instants(rejects.timeHigh),
    time_low: instants(rejects.timeLow),
    open: from(source.open),
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
 * Compares two ascending row sets by instant. An instant counts as changed if only one side has a row, or if a value that later
 * steps read differs.
 */
function diffByInstant({ layout }: KeyedTable, data: BuiltColumns, stored: ColumnTable) {
  const ts = (data['timestamp'] as { numbers: Float64Array }).numbers;
  const storedTs = stored.number('timestamp');
  const columns = valuesOf(layout, KEY).map((field) => ({
    isWatched: VALUE_COLUMNS.some((name) => name === field.column),
    isOfDay: DAY_COLUMNS.some((name) => name === field.column),
    differs: differsIn(field, data, stored),
  }));
  const write: number[] = [];
  const stale: number[] = [];
  const changedTs: number[] = [];
  let otherDays = 0;

  let i = 0;
  let j = 0;
  while (i < ts.length || j < storedTs.length) {
    const here = ts[i] ?? Number.POSITIVE_INFINITY;
    const there = storedTs[j] ?? Number.POSITIVE_INFINITY;
    if (here < there) {
      write.push(i++);
      changedTs.push(here);
    } else if (there < here) {
      stale.push(there);
      changedTs.push(there);
      j++;
    } else {
      const different = columns.filter(({ differs }) => differs(i, j));
      if (different.length > 0) {
        write.push(i);
        stale.push(here);
      }
      if (different.some((column) => column.isWatched)) changedTs.push(here);
      if (different.some((column) => column.isOfDay)) otherDays++;
      i++;
      j++;
    }
  }
  return { write: { data, rows: ts.length, select: Int32Array.from(write) }, stale, changedTs, otherDays };
}
