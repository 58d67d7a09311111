import { arrayWriter, sliceWriter } from './array-writer.ts';
import type { FieldData } from './field-data.ts';
import { nullRefused, wrongShape, type FieldPlace, type FieldWriter } from './field-writer.ts';
import type { CopyField, CopyLayout } from './layout.ts';
import { isNumberType, numberWriter } from './number-writers.ts';
import { codeWriter, constantWriter, isTextType, stringWriter, wireText } from './text-writers.ts';

/** Rows whose fields are written in one pass, so that the block stays in the processor's cache. */
const BLOCK_ROWS = 1024;

/** Rows of one chunk of {@link CopyEncoder.encodeChunks}: about 1 MB of a bar or EMA row. */
const CHUNK_ROWS = 8192;

/** Turns columns into the raw tuples of a binary COPY (no file header, no trailer). */
export interface CopyEncoder {
  readonly layout: CopyLayout;
  /**
   * Encodes rows into one new block of bytes. Beyond some ten thousand rows {@link encodeChunks} is faster, because memory for
   * blocks of that size has to be requested from the operating system each time.
   * @param data one entry per field, in layout order
   * @param rows number of rows in the data
   * @param select row indexes to encode, in this order; all rows when absent
   * @param count number of entries of `select` to encode; all of them when absent
   * @throws StoreError `STORE_NULL`, `STORE_RANGE` (column and row named, values not), `STORE_QUERY` (wrong shape)
   */
  encode(data: readonly FieldData[], rows: number, select?: Int32Array | null, count?: number): Uint8Array;
  /** Encodes many rows, in chunks of some thousand rows that are encoded when the caller asks for them. */
  encodeChunks(
    data: readonly FieldData[],
    rows: number,
    select?: Int32Array | null,
    count?: number,
  ): Generator<Uint8Array, void, undefined>;
}

/**
 * Makes an encoder for rows of this layout. Encoders are reusable and keep no data between calls; two runs of
 * `encodeChunks` may be interleaved.
 */
export function createCopyEncoder(layout: CopyLayout): CopyEncoder {
  // scratch memory of encodeRange, which is synchronous and so never runs twice at a time
  let sizes = new Int32Array(64);
  const at = new Int32Array(BLOCK_ROWS);

  function encodeRange(writers: FieldWriter[], select: Int32Array | null, from: number, until: number): Uint8Array {
    const rows = until - from;
    if (sizes.length < rows) sizes = new Int32Array(rows);
    let total = 0;
    for (let block = 0; block < rows; block += BLOCK_ROWS) {
      const blockSizes = sizes.subarray(block, Math.min(rows, block + BLOCK_ROWS));
      total += measureBlock(writers, select, from + block, blockSizes);
    }
    const bytes = Buffer.allocUnsafeSlow(total);
    const target = { bytes, view: new DataView(bytes.buffer, bytes.byteOffset, total) };
    let offset = 0;
    for (let block = 0; block < rows; block += BLOCK_ROWS) {
      const count = Math.min(BLOCK_ROWS, rows - block);
      for (let k = 0; k < count; k++) {
        target.view.setInt16(offset, layout.fields.length);
        at[k] = offset + 2;
        offset += sizes[block + k];
      }
      for (const writer of writers) writer.write(target, select, from + block, count, at);
    }
    return bytes;
  }

  function plan(data: readonly FieldData[], rows: number, select: Int32Array | null, count: number | undefined) {
    const until = count ?? select?.length ?? rows;
    if (select === null ? until > rows : until > select.length) {
      throw wrongShape(layout, undefined, `count ${until} is more than there are rows`);
    }
    if (select !== null) {
      for (let k = 0; k < until; k++) {
        if (!(select[k] >= 0 && select[k] < rows)) {
          throw wrongShape(layout, undefined, `select[${k}] must be a row index below ${rows}`);
        }
      }
    }
    return { writers: writersFor(layout, data, rows), until };
  }

  return {
    layout,
    encode(data, rows, select = null, count) {
      const { writers, until } = plan(data, rows, select, count);
      return encodeRange(writers, select, 0, until);
    },
    *encodeChunks(data, rows, select = null, count) {
      const { writers, until } = plan(data, rows, select, count);
      for (let from = 0; from < until; from += CHUNK_ROWS) {
        yield encodeRange(writers, select, from, Math.min(until, from + CHUNK_ROWS));
      }
    },
  };
}

function measureBlock(writers: FieldWriter[], select: Int32Array | null, from: number, sizes: Int32Array): number {
  sizes.fill(2); // the field count
  for (const writer of writers) writer.measure(select, from, sizes.length, sizes);
  let total = 0;
  for (let k = 0; k < sizes.length; k++) total += sizes[k];
  return total;
}

function writersFor(layout: CopyLayout, data: readonly FieldData[], rows: number): FieldWriter[] {
  if (data.length !== layout.fields.length) {
    throw wrongShape(layout, undefined, `${layout.fields.length} fields expected, ${data.length} given`);
  }
  return layout.fields.map((field, index) => {
    const values = data[index];
    const given = lengthOf(values);
    if (given < rows) throw wrongShape(layout, field.column, `${rows} values expected, ${given} given`);
    return writerFor(layout, field, values);
  });
}

function lengthOf(data: FieldData): number {
  if ('numbers' in data) return data.numbers.length;
  if ('codes' in data) return data.codes.length;
  if ('strings' in data) return data.strings.length;
  if ('slices' in data) return Math.min(data.lengths.length, Math.floor(data.slices.length / data.width));
  return 'arrays' in data ? data.arrays.length : Infinity;
}

function writerFor(layout: CopyLayout, field: CopyField, data: FieldData): FieldWriter {
  const place: FieldPlace = { table: layout.table, field };
  const { type } = field;
  if ('constant' in data) return constantFieldWriter(layout, place, data.constant);
  if ('numbers' in data && isNumberType(type)) return numberWriter(place, type, data.numbers, data.nullIf ?? NaN);
  if ('codes' in data && isTextType(type)) return codeWriter(place, data.codes, data.labels);
  if ('strings' in data && isTextType(type)) return stringWriter(place, data.strings);
  if ('arrays' in data && type.endsWith('[]')) return arrayWriter(place, data.arrays);
  if ('slices' in data && type === 'float8[]') return sliceWriter(data);
  throw wrongShape(layout, field.column, `${Object.keys(data)[0]} cannot fill a column of type ${type}`);
}

function constantFieldWriter(layout: CopyLayout, place: FieldPlace, value: number | string | null): FieldWriter {
  const { type, nullable } = place.field;
  if (value === null) {
    if (!nullable) throw nullRefused(place, 0);
    return constantWriter(wireText(null, type));
  }
  if (typeof value === 'string' && isTextType(type)) return constantWriter(wireText(value, type));
  if (typeof value === 'number' && isNumberType(type)) {
    const size = new Int32Array(1);
    const writer = numberWriter(place, type, Float64Array.of(value), NaN);
    writer.measure(null, 0, 1, size);
    const bytes = Buffer.alloc(size[0]);
    writer.write({ bytes, view: new DataView(bytes.buffer, bytes.byteOffset) }, null, 0, 1, new Int32Array(1));
    return constantWriter(bytes);
  }
  throw wrongShape(layout, place.field.column, `a constant ${typeof value} cannot fill a column of type ${type}`);
}
