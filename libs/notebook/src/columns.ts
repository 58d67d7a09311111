import {
  Bool,
  Float64,
  makeData,
  makeVector,
  Table,
  TimestampMillisecond,
  Utf8,
  vectorFromArray,
  type Data,
  type Vector,
} from 'apache-arrow';

/** Columns of one length by name; typed arrays stay as they are. */
export type Columns = Readonly<Record<string, ArrayLike<unknown>>>;

/** One row of {@link tidyRows}: instants as `Date`, flags as boolean, "not known" (NaN) as null. */
export type TidyRow = Readonly<Record<string, number | boolean | Date | string | null>>;

/** Names of instants and of flags, as the cores and the store give them. */
const IS_INSTANT = /^(ts|time[A-Z].*|time_.*|timestamp|closedAt|closed_at)$/;
const IS_FLAG = /^(is[A-Z].*|is_.*|roll|rollBar)$/;

/**
 * The columns of a bundle (bars, EMAs) without its other members; a `Map` of series, as `emas` gives it, becomes one
 * column per key, named `prefix` and key.
 */
export function columnsOf(source: object, prefix = 'ema'): Columns {
  const pairs: [string, unknown][] =
    source instanceof Map
      ? [...source].map(([key, column]) => [`${prefix}${String(key)}`, column])
      : Object.entries(source);
  return Object.fromEntries(pairs.filter((pair): pair is [string, ArrayLike<unknown>] => isColumn(pair[1])));
}

/** Columns side by side. @throws RangeError when their lengths differ */
export function joinColumns(...parts: readonly Columns[]): Columns {
  const joined: Columns = Object.assign({}, ...parts);
  lengthOf(joined);
  return joined;
}

/** A row per entry, for `console.table` and plotting libraries. */
export function tidyRows(columns: Columns): TidyRow[] {
  const names = Object.keys(columns);
  return Array.from({ length: lengthOf(columns) }, (_, row) =>
    Object.fromEntries(names.map((name) => [name, tidyCell(name, columns[name]?.[row])])),
  );
}

/** An Arrow table over the same numbers: instants as timestamps in UTC, flags as booleans, NaN as null; a column with text is one of text. */
export function arrowTable(columns: Columns): Table {
  const length = lengthOf(columns);
  const vectors = Object.entries(columns).map(([name, column]): [string, Vector] => [
    name,
    vectorOf(name, column, length),
  ]);
  return new Table(Object.fromEntries(vectors));
}

function vectorOf(name: string, column: ArrayLike<unknown>, length: number): Vector {
  const cells = Array.from({ length }, (_, i) => column[i] ?? null);
  if (cells.some((cell) => typeof cell === 'string')) {
    return vectorFromArray(
      cells.map((cell) => (cell === null ? null : String(cell))),
      new Utf8(),
    );
  }
  const numbers = Float64Array.from(cells, (cell) => Number(cell ?? NaN));
  const nullBitmap = new Uint8Array(Math.ceil(length / 8));
  let nullCount = 0;
  for (let i = 0; i < length; i++) {
    if (Number.isNaN(numbers[i])) nullCount++;
    else nullBitmap[i >> 3] |= 1 << (i & 7);
  }
  const common = { length, nullCount, nullBitmap };
  if (IS_INSTANT.test(name)) {
    const data = BigInt64Array.from(numbers, (ms) => (Number.isNaN(ms) ? 0n : BigInt(Math.floor(ms))));
    return makeVector(makeData({ ...common, type: new TimestampMillisecond('UTC'), data }) as Data);
  }
  if (!IS_FLAG.test(name)) return makeVector(makeData({ ...common, type: new Float64(), data: numbers }) as Data);
  const bits = new Uint8Array(Math.ceil(length / 8));
  for (let i = 0; i < length; i++) if (numbers[i] === 1) bits[i >> 3] |= 1 << (i & 7);
  return makeVector(makeData({ ...common, type: new Bool(), data: bits }) as Data);
}

function tidyCell(name: string, value: unknown): number | boolean | Date | string | null {
  if (typeof value === 'number') {
    if (Number.isNaN(value)) return null;
    if (IS_INSTANT.test(name)) return new Date(value);
    return IS_FLAG.test(name) ? value === 1 : value;
  }
  return typeof value === 'string' || typeof value === 'boolean' ? value : null;
}

function isColumn(value: unknown): value is ArrayLike<unknown> {
  return Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView));
}

function lengthOf(columns: Columns): number {
  const lengths = new Set(Object.values(columns).map((column) => column.length));
  if (lengths.size > 1) throw new RangeError(`Columns have different lengths: ${[...lengths].join(', ')}`);
  return [...lengths][0] ?? 0;
}
