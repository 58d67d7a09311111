/** The number columns of a {@link SourceBatch} in the order in which a row is compared. */
export const NUMBER_COLUMNS = [
  ...(['ts', 'timeOpen', 'timeClose', 'timeHigh', 'timeLow'] as const),
  ...(['open', 'high', 'low', 'close', 'volume', 'marketCap', 'circulatingSupply'] as const),
];

/** A number column of a {@link SourceBatch}. */
export type NumberColumn = (typeof NUMBER_COLUMNS)[number];

/**
 * Rows for `cmc_price_histories7` (docs/bars.md#source-rows): one array per column, all of length `length`.
 *
 * Instants are epoch milliseconds UTC, `day` is the UTC civil day of `ts` (days since 1970-01-01). NaN means NULL in
 * every number column except `ts`, which is always known. Row order is the file's order, not sorted; no `ts` occurs
 * twice in one file.
 */
export interface SourceBatch extends Record<NumberColumn, Float64Array> {
  /** Asset id of every row. */
  id: number;
  length: number;
  /** Column `date`: UTC civil day of `ts`. */
  day: Int32Array;
  name: (string | null)[];
  /** Base name of the file the row came from, or the name of the generator. */
  sourceFile: (string | null)[];
}

/** The numbers of one row, in the order of {@link NUMBER_COLUMNS}; NaN means not known. */
export type RowCells = Float64Array;

/** Place of each number column in {@link RowCells}. */
export const CELL = Object.fromEntries(NUMBER_COLUMNS.map((column, at) => [column, at])) as Readonly<
  Record<NumberColumn, number>
>;

/** An empty batch with room for `capacity` rows; numbers start as NaN (NULL), names as null. */
export function createSourceBatch(id: number, capacity: number): SourceBatch {
  const unknown = (): Float64Array => new Float64Array(capacity).fill(Number.NaN);
  return {
    ...(Object.fromEntries(NUMBER_COLUMNS.map((column) => [column, unknown()])) as Record<NumberColumn, Float64Array>),
    id,
    length: 0,
    day: new Int32Array(capacity),
    name: new Array<string | null>(capacity).fill(null),
    sourceFile: new Array<string | null>(capacity).fill(null),
  };
}

/** Appends a row. */
export function appendRow(batch: SourceBatch, cells: RowCells, day: number): void {
  if (batch.length === batch.ts.length) growSourceBatch(batch);
  for (let at = 0; at < NUMBER_COLUMNS.length; at++) batch[NUMBER_COLUMNS[at]][batch.length] = cells[at];
  batch.day[batch.length++] = day;
}

/** Doubles the capacity of a batch; its rows are kept. */
function growSourceBatch(batch: SourceBatch): void {
  const capacity = batch.ts.length * 2;
  for (const column of NUMBER_COLUMNS) {
    const grown = new Float64Array(capacity).fill(Number.NaN, batch.ts.length);
    grown.set(batch[column]);
    batch[column] = grown;
  }
  const days = new Int32Array(capacity);
  days.set(batch.day);
  batch.day = days;
}

/** The first `length` rows of a batch whose arrays are longer; number columns are views, not copies. */
export function trimSourceBatch(batch: SourceBatch): SourceBatch {
  const trimmed = { ...batch, day: batch.day.subarray(0, batch.length) };
  for (const column of NUMBER_COLUMNS) trimmed[column] = batch[column].subarray(0, batch.length);
  trimmed.name = batch.name.slice(0, batch.length);
  trimmed.sourceFile = batch.sourceFile.slice(0, batch.length);
  return trimmed;
}
