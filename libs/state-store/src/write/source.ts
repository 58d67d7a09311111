import { ONE_DAY_MS } from '@ta/bars-core/engine';
import type { Session } from '../connect/database.ts';
import type { ColumnTable } from '../copy/column-table.ts';
import { createCopyEncoder } from '../copy/encode.ts';
import type { FieldData } from '../copy/field-data.ts';
import { copyInSql, quoteIdentifier, type CopyLayout } from '../copy/layout.ts';
import { copyTable } from '../read/copy-select.ts';
import { idSql, instantSql } from '../sql-conditions.ts';
import { priceHistories } from '../schema/source.ts';
import { inLayoutOrder } from '../tables/keyed-table.ts';
import { fieldsOf } from '../tables/table-fields.ts';

/** Source rows to load, as columns of equal length in any order; instants in epoch ms UTC, NaN and null are NULL. */
export interface SourceRowBatch {
  readonly length: number;
  /** Asset id per row, or one id for all. */
  readonly id: Int32Array | number;
  /** Column `timestamp`, the close instant; never NaN. */
  readonly ts: Float64Array;
  readonly timeOpen: Float64Array;
  readonly timeClose: Float64Array;
  readonly timeHigh: Float64Array;
  readonly timeLow: Float64Array;
  readonly open: Float64Array;
  readonly high: Float64Array;
  readonly low: Float64Array;
  readonly close: Float64Array;
  readonly volume: Float64Array;
  readonly marketCap: Float64Array;
  readonly circulatingSupply: Float64Array;
  /** Asset name per row, or one for all. */
  readonly name: readonly (string | null)[] | string;
  /** Origin of the rows, per row or one for all. */
  readonly sourceFile: readonly (string | null)[] | string | null;
}

/** The outcome of a load. The four counts add up to the length of the batch. */
export interface SourceUpsertCounts {
  readonly inserted: number;
  readonly updated: number;
  readonly unchanged: number;
  /** Rows replaced by a later row of the same batch with the same (id, timestamp). */
  readonly duplicate: number;
}

/** The possible outcomes of one row of a load. */
const ROW_OUTCOME = { unchanged: 0, inserted: 1, updated: 2, duplicate: 3 } as const;

/** The outcome of a load, in total and row by row. */
export interface SourceUpsert extends SourceUpsertCounts {
  /** A value of {@link ROW_OUTCOME} per row of the batch. */
  readonly outcomes: Uint8Array;
}

const INSTANTS = ['timeopen', 'timeclose', 'timehigh', 'timelow'] as const;
const NUMBERS = ['open', 'high', 'low', 'close', 'volume', 'marketcap', 'circulatingsupply'] as const;
/** The columns that are the content of a source row; `source_file` and `load_ts` only record its origin. */
const CONTENT = fieldsOf(priceHistories, 'name', ...INSTANTS, ...NUMBERS);
const KEY = fieldsOf(priceHistories, 'id', 'timestamp');
const STORED: CopyLayout = { table: 'cmc_price_histories7', fields: [...KEY, ...CONTENT] };
const LOADED = [...KEY, ...CONTENT, ...fieldsOf(priceHistories, 'source_file', 'date')];
const TARGET: CopyLayout = { table: 'cmc_price_histories7', fields: LOADED };
const STAGING: CopyLayout = { table: 'ta_source_staging', fields: LOADED };

/**
 * Loads source rows. It first reads the stored rows in the time range of the batch. New rows are inserted, rows whose content
 * differs in any bit are updated, and equal rows are not touched: they keep their `source_file` and `load_ts`, so loading a file
 * twice changes nothing. Call it in a transaction; the invalidation log is written by the table's triggers.
 *
 * @throws StoreError `STORE_QUERY` when another program inserts one of the keys at the same time
 */
export async function upsertSourceRows(session: Session, batch: SourceRowBatch): Promise<SourceUpsert> {
  const judged = await compareSourceRows(session, batch);
  const { outcomes, inserted, updated } = judged;
  await copyRows(session, TARGET, batch, rowsOf(outcomes, ROW_OUTCOME.inserted, inserted));
  if (updated > 0) await updateRows(session, batch, rowsOf(outcomes, ROW_OUTCOME.updated, updated));
  return judged;
}

/** The outcome that {@link upsertSourceRows} would have; only reads. */
export async function compareSourceRows(session: Session, batch: SourceRowBatch): Promise<SourceUpsert> {
  const outcomes = new Uint8Array(batch.length);
  const counts = { inserted: 0, updated: 0, unchanged: 0, duplicate: 0 };
  if (batch.length === 0) return { ...counts, outcomes };
  const stored = new StoredRows(await storedStretch(session, batch), batch);
  const isLater = laterRows(batch);
  for (let row = 0; row < batch.length; row++) {
    const outcome = isLater?.(row) === true ? 'duplicate' : stored.outcome(row);
    outcomes[row] = ROW_OUTCOME[outcome];
    counts[outcome]++;
  }
  return { ...counts, outcomes };
}

/** Removes all source rows of an id and returns their number. */
export async function deleteSourceRows(session: Session, id: number): Promise<number> {
  return session.run(`DELETE FROM cmc_price_histories7 WHERE id = ${idSql(id)}`);
}

const idOf = (batch: SourceRowBatch, row: number): number => (typeof batch.id === 'number' ? batch.id : batch.id[row]);
const textOf = <T extends string | null>(column: readonly T[] | T, row: number): T =>
  Array.isArray(column) ? (column[row] as T) : (column as T);

async function storedStretch(session: Session, batch: SourceRowBatch): Promise<ColumnTable> {
  let [first, last] = [Infinity, -Infinity];
  for (const ts of batch.ts.subarray(0, batch.length)) {
    if (ts < first) first = ts;
    if (ts > last) last = ts;
  }
  const ids = typeof batch.id === 'number' ? [batch.id] : [...new Set(batch.id.subarray(0, batch.length))];
  const stretch = `"timestamp" BETWEEN ${instantSql(first)} AND ${instantSql(last)}`;
  const tail = `WHERE id IN (${ids.map(idSql).join(', ')}) AND ${stretch} ORDER BY id, "timestamp"`;
  return copyTable(session, STORED, tail);
}

/** The stored rows of a time range, by key. */
class StoredRows {
  readonly #ids: Float64Array;
  readonly #ts: Float64Array;
  readonly #name: (string | null)[];
  readonly #instants: readonly Float64Array[];
  readonly #numbers: readonly Float64Array[];
  readonly #batch: SourceRowBatch;
  readonly #newInstants: readonly Float64Array[];
  readonly #newNumbers: readonly Float64Array[];

  constructor(rows: ColumnTable, batch: SourceRowBatch) {
    this.#batch = batch;
    this.#newInstants = instantColumns(batch);
    this.#newNumbers = numberColumns(batch);
    this.#ids = rows.number('id');
    this.#ts = rows.number('timestamp');
    this.#name = rows.text('name');
    this.#instants = INSTANTS.map((column) => rows.number(column));
    this.#numbers = NUMBERS.map((column) => rows.number(column));
  }

  /** What to do with a row of the batch. */
  outcome(row: number): 'inserted' | 'updated' | 'unchanged' {
    const at = this.#ids.length === 0 ? -1 : this.#find(idOf(this.#batch, row), micros(this.#batch.ts[row]));
    if (at < 0) return 'inserted';
    const isSame =
      this.#name[at] === textOf(this.#batch.name, row) &&
      this.#newInstants.every((column, i) => isSameInstant(column[row], this.#instants[i][at])) &&
      this.#newNumbers.every((column, i) => Object.is(column[row], this.#numbers[i][at]));
    return isSame ? 'unchanged' : 'updated';
  }

  /** The rows are sorted by id and instant. */
  #find(id: number, ts: number): number {
    let [low, high] = [0, this.#ids.length - 1];
    while (low <= high) {
      const middle = (low + high) >>> 1;
      const order = this.#ids[middle] - id || micros(this.#ts[middle]) - ts;
      if (order === 0) return middle;
      if (order < 0) low = middle + 1;
      else high = middle - 1;
    }
    return -1;
  }
}

/** An instant in the precision of the database, whole microseconds; NaN if it is unknown. */
function micros(epochMs: number): number {
  return Math.round(epochMs * 1000);
}

/** Whether two instants are the same for the database, or both unknown. */
function isSameInstant(a: number, b: number): boolean {
  return micros(a) === micros(b) || (a !== a && b !== b);
}

function instantColumns(batch: SourceRowBatch): readonly Float64Array[] {
  return [batch.timeOpen, batch.timeClose, batch.timeHigh, batch.timeLow];
}

function numberColumns(batch: SourceRowBatch): readonly Float64Array[] {
  return [batch.open, batch.high, batch.low, batch.close, batch.volume, batch.marketCap, batch.circulatingSupply];
}

/**
 * Finds rows that a later row with the same key replaces; null if the rows are strictly ascending or descending, so that there
 * are none.
 */
function laterRows(batch: SourceRowBatch): ((row: number) => boolean) | null {
  if (typeof batch.id === 'number' && isStrictlyMonotone(batch.ts.subarray(0, batch.length))) return null;
  const last = new Map<string, number>();
  const key = (row: number) => `${idOf(batch, row)}/${micros(batch.ts[row])}`;
  for (let row = 0; row < batch.length; row++) last.set(key(row), row);
  return (row) => last.get(key(row)) !== row;
}

function isStrictlyMonotone(ts: Float64Array): boolean {
  const sign = Math.sign(ts[1] - ts[0]);
  for (let i = 1; i < ts.length; i++)
    if (Math.sign(micros(ts[i]) - micros(ts[i - 1])) !== sign || sign === 0) return false;
  return true;
}

/** The rows of one outcome. */
function rowsOf(outcomes: Uint8Array, wanted: number, count: number): Int32Array {
  const rows = new Int32Array(count);
  for (let row = 0, at = 0; at < count; row++) if (outcomes[row] === wanted) rows[at++] = row;
  return rows;
}

async function copyRows(session: Session, layout: CopyLayout, batch: SourceRowBatch, rows: Int32Array): Promise<void> {
  if (rows.length === 0) return;
  const isAll = rows.length === batch.length;
  await session.copyIn(
    copyInSql(layout),
    createCopyEncoder(layout).encodeChunks(inLayoutOrder(layout, columnsOf(batch)), batch.length, isAll ? null : rows),
  );
}

function columnsOf(batch: SourceRowBatch): Record<string, FieldData> {
  const instants = INSTANTS.map((column, i) => [column, { numbers: instantColumns(batch)[i] }]);
  const numbers = NUMBERS.map((column, i) => [column, { numbers: numberColumns(batch)[i] }]);
  return {
    id: typeof batch.id === 'number' ? { constant: batch.id } : { numbers: batch.id },
    timestamp: { numbers: batch.ts },
    name: text(batch.name),
    ...(Object.fromEntries([...instants, ...numbers]) as Record<string, FieldData>),
    source_file: text(batch.sourceFile),
    date: { numbers: Int32Array.from(batch.ts, (ts) => Math.floor(ts / ONE_DAY_MS)) },
  };
}

function text(column: readonly (string | null)[] | string | null): FieldData {
  return typeof column === 'string' || column === null ? { constant: column } : { strings: column };
}

async function updateRows(session: Session, batch: SourceRowBatch, rows: Int32Array): Promise<void> {
  await session.run(
    `CREATE TEMPORARY TABLE ta_source_staging ON COMMIT DROP AS SELECT * FROM cmc_price_histories7 WITH NO DATA`,
  );
  await copyRows(session, STAGING, batch, rows);
  const columns = [...LOADED.map(({ column }) => column), 'load_ts'].map(quoteIdentifier);
  const sets = columns.slice(KEY.length).map((column) => `${column} = excluded.${column}`);
  await session.run(
    `INSERT INTO cmc_price_histories7 (${columns.join(', ')})
     SELECT ${columns.slice(0, -1).join(', ')}, now() FROM pg_temp.ta_source_staging
     ON CONFLICT (id, "timestamp") DO UPDATE SET ${sets.join(', ')}`,
  );
  await session.run('DROP TABLE pg_temp.ta_source_staging');
}
