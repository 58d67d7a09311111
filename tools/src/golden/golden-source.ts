import { civilDayOfInstant, civilDaysOf, instantsInDay, type CivilDay, type DailySeries } from '@ta/bars-core/engine';
import type { Rows } from './rows.ts';

/** Zone of the reference's calendar, in which all golden outputs were computed. */
export const REFERENCE_ZONE = 'America/New_York';

/** Our zone. The golden closes (23:59:59.999Z) fall on the same days in both zones, and the days open at midnight UTC (D1). */
export const GOLDEN_ZONE = 'UTC';

/** The source rows of one golden asset, ascending, null prices included. */
export interface GoldenAsset {
  readonly id: number;
  readonly name: string;
  readonly rows: DailySeries;
  /** The rows, keeping only those instants of highs and lows that lie in their day (docs/bars.md#daily-bars). */
  readonly judgedRows: DailySeries;
  /** Columns of the source table. A daily series has a `timeOpen` too, but not the other three. */
  readonly timeOpen: Float64Array;
  readonly timeClose: Float64Array;
  readonly sourceFile: readonly (string | null)[];
  readonly loadTs: Float64Array;
}

/** The source table of the golden set by asset id, ascending. */
export type GoldenSource = ReadonlyMap<number, GoldenAsset>;

/** Splits the golden source table by asset. Its rows ascend by id and instant. */
export function goldenSource(rows: Rows): GoldenSource {
  const ids = rows.numbers('id');
  const source = new Map<number, GoldenAsset>();
  for (let from = 0; from < rows.length;) {
    let until = from + 1;
    while (until < rows.length && ids[until] === ids[from]) until++;
    source.set(ids[from], assetOf(rows, from, until));
    from = until;
  }
  return source;
}

function assetOf(rows: Rows, from: number, until: number): GoldenAsset {
  const cut = (column: string) => rows.numbers(column).slice(from, until);
  const ts = cut('timestamp');
  const { day, ...bounds } = civilDaysOf(ts, GOLDEN_ZONE);
  const inDay = (column: string) => instantsInDay(cut(column), bounds);
  const series: DailySeries = {
    length: until - from,
    ts,
    day,
    timeOpen: cut('timeopen'),
    open: cut('open'),
    high: cut('high'),
    low: cut('low'),
    close: cut('close'),
    volume: cut('volume'),
    marketCap: cut('marketcap'),
    timeHigh: cut('timehigh'),
    timeLow: cut('timelow'),
  };
  return {
    id: rows.numbers('id')[from],
    name: rows.texts('name')[from] ?? '',
    rows: series,
    judgedRows: { ...series, timeHigh: inDay('timehigh'), timeLow: inDay('timelow') },
    timeOpen: cut('timeopen'),
    timeClose: cut('timeclose'),
    sourceFile: rows.texts('source_file').slice(from, until),
    loadTs: cut('load_ts'),
  };
}

/** The rows at the given positions, in that order. */
export function pickRows(rows: DailySeries, positions: readonly number[]): DailySeries {
  const pick = (column: Float64Array) => Float64Array.from(positions, (row) => column[row]);
  return {
    length: positions.length,
    ts: pick(rows.ts),
    day: Int32Array.from(positions, (row) => rows.day[row]),
    timeOpen: pick(rows.timeOpen),
    open: pick(rows.open),
    high: pick(rows.high),
    low: pick(rows.low),
    close: pick(rows.close),
    volume: pick(rows.volume),
    marketCap: pick(rows.marketCap),
    timeHigh: pick(rows.timeHigh),
    timeLow: pick(rows.timeLow),
  };
}

/** The rows whose positions pass the test. */
export function rowsWhere(rows: DailySeries, isKept: (row: number) => boolean): DailySeries {
  return pickRows(rows, positionsOf(rows).filter(isKept));
}

/** The civil day of an instant in the golden zone. */
export const goldenDay: (instant: number) => CivilDay = civilDayOfInstant(GOLDEN_ZONE);

/** Whether a source row has the prices that every bar needs. */
export function isPriced(rows: DailySeries, row: number): boolean {
  return !Number.isNaN(rows.open[row]) && !Number.isNaN(rows.close[row]);
}

/** Whether the row after a row falls on the same civil day. */
export function isFirstOfTwo(rows: DailySeries, row: number): boolean {
  return row + 1 < rows.length && rows.day[row] === rows.day[row + 1];
}

/** Whether an asset has a source row without prices. */
export function hasUnpricedRow({ rows }: GoldenAsset): boolean {
  return positionsOf(rows).some((row) => !isPriced(rows, row));
}

/** Whether a priced source row lacks its volume or its market cap (docs/golden.md#what-the-departures-are). */
export function lacksVolumeOrCap(rows: DailySeries, row: number): boolean {
  return isPriced(rows, row) && (Number.isNaN(rows.volume[row]) || Number.isNaN(rows.marketCap[row]));
}

/** Whether an asset has a row that {@link lacksVolumeOrCap}. */
export function hasNullVolumeOrCap({ rows }: GoldenAsset): boolean {
  return positionsOf(rows).some((row) => lacksVolumeOrCap(rows, row));
}

/** Positions of all rows. */
export function positionsOf(rows: DailySeries): number[] {
  return Array.from(rows.ts.keys());
}
