import { StoreError } from '../errors.ts';
import { EARLIEST_INSTANT_MS, LATEST_INSTANT_MS } from '../instant-range.ts';
import { ArrayCellsBuilder } from './array-cells.ts';
import { ColumnTable, type DecodedColumn } from './column-table.ts';
import { COPY_HEADER, COPY_SIGNATURE_BYTES, TWO_32, WIRE_EPOCH_DAYS, WIRE_EPOCH_MS } from './file-format.ts';
import type { CopyLayout, CopyType } from './layout.ts';
import { TextDictionary } from './text-dictionary.ts';

// Types as small integers: the row loop switches on them.
const INT2 = 0;
const INT4 = 1;
const INT8 = 2;
const FLOAT8 = 3;
const TIMESTAMPTZ = 4;
const DATE = 5;
const BOOL = 6;
const TEXT = 7;
const JSONB = 8;
const FLOAT8_ARRAY = 9;
const INT4_ARRAY = 10;

const OPERATIONS: Record<CopyType, number> = {
  int2: INT2,
  int4: INT4,
  int8: INT8,
  float8: FLOAT8,
  timestamptz: TIMESTAMPTZ,
  date: DATE,
  bool: BOOL,
  text: TEXT,
  enum: TEXT,
  jsonb: JSONB,
  'float8[]': FLOAT8_ARRAY,
  'int4[]': INT4_ARRAY,
};

/** Bytes of a value by operation; −1 means any number. */
const WIDTHS = [2, 4, 8, 8, 8, 4, 1, -1, -1, -1, -1];

/**
 * Limit of the high half of a timestamp in microseconds: within it (245 years on either side of 2000) the timestamp is exact in a
 * double, also when counted from 1970.
 */
const EXACT_HIGH = 1_800_000;

/**
 * Decodes a binary COPY into columns. Chunks may be cut anywhere. A stream with a file header must end with the file
 * trailer (so a cut-off transfer is noticed); without a header the bytes are raw tuples as the encoder makes them.
 *
 * @throws StoreError `STORE_QUERY` when the bytes do not match the layout, end too early, or contain an infinite timestamp or
 * date; `STORE_RANGE` for an int8 beyond ±2^53; unless {@link CopyField.beyond} allows the value
 */
export async function decodeCopy(
  layout: CopyLayout,
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): Promise<ColumnTable> {
  const decoder = new CopyDecoder(layout);
  for await (const chunk of chunks) decoder.push(chunk);
  return decoder.finish();
}

/** Decodes a binary COPY whose chunks are passed in one by one; `finish` returns the columns. See {@link decodeCopy}. */
export function copyDecoder(layout: CopyLayout): Pick<CopyDecoder, 'push' | 'finish'> {
  return new CopyDecoder(layout);
}

class CopyDecoder {
  private readonly layout: CopyLayout;
  private readonly operations: Uint8Array;
  private readonly numbers: Float64Array[];
  private readonly codes: Int32Array[];
  private readonly dictionaries: TextDictionary[];
  private readonly arrays: ArrayCellsBuilder[];
  private rows = 0;
  private capacity = 0;
  private rest: Buffer = Buffer.alloc(0);
  private framing: 'unknown' | 'file' | 'raw' = 'unknown';
  private isComplete = false;

  constructor(layout: CopyLayout) {
    this.layout = layout;
    this.operations = Uint8Array.from(layout.fields, (field) => OPERATIONS[field.type]);
    this.numbers = layout.fields.map(() => new Float64Array(0));
    this.codes = layout.fields.map(() => new Int32Array(0));
    // most fields are numbers
    this.dictionaries = [];
    this.arrays = [];
    this.operations.forEach((operation, f) => {
      if (operation >= FLOAT8_ARRAY) this.arrays[f] = new ArrayCellsBuilder();
      else if (operation >= TEXT) this.dictionaries[f] = new TextDictionary();
    });
  }

  push(chunk: Uint8Array): void {
    if (chunk.length === 0) return;
    const fresh = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    const bytes = this.rest.length === 0 ? fresh : Buffer.concat([this.rest, fresh]);
    const start = this.framing === 'unknown' ? this.readHeader(bytes) : 0;
    const end = start < 0 ? 0 : this.readTuples(bytes, start);
    // copied, since the producer may reuse its chunk
    this.rest = Buffer.from(bytes.subarray(end));
  }

  finish(): ColumnTable {
    const isCut = this.framing === 'file' ? !this.isComplete : this.rest.length > 0 && !this.isComplete;
    if (isCut) throw this.fault(`the transfer ended inside row ${this.rows}`);
    const columns = new Map<string, DecodedColumn>();
    this.layout.fields.forEach(({ column }, f) => {
      const operation = this.operations[f];
      if (operation < TEXT) columns.set(column, { kind: 'number', numbers: this.numbers[f].slice(0, this.rows) });
      else if (operation >= FLOAT8_ARRAY) columns.set(column, { kind: 'array', ...this.arrays[f].finish(this.rows) });
      else {
        const { labels } = this.dictionaries[f];
        columns.set(column, { kind: 'text', codes: this.codes[f].slice(0, this.rows), labels });
      }
    });
    return new ColumnTable(this.rows, columns);
  }

  /** Returns where the tuples start, or −1 when more bytes are needed to find out. */
  private readHeader(bytes: Buffer): number {
    if (bytes.length < 2) return -1;
    // "PG" as a field count would be 20551, far above the 1600 columns a table can have
    if (bytes[0] !== COPY_HEADER[0] || bytes[1] !== COPY_HEADER[1]) {
      this.framing = 'raw';
      return 0;
    }
    if (bytes.length < COPY_HEADER.length) return -1;
    for (let i = 0; i < COPY_SIGNATURE_BYTES; i++) {
      if (bytes[i] !== COPY_HEADER[i]) throw this.fault('this is not a binary COPY');
    }
    const start = COPY_HEADER.length + bytes.readInt32BE(COPY_HEADER.length - 4);
    if (bytes.length < start) return -1;
    this.framing = 'file';
    return start;
  }

  /** Reads complete tuples. @returns the offset of the first incomplete one */
  private readTuples(bytes: Buffer, start: number): number {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const { operations } = this;
    const fields = operations.length;
    const end = bytes.length;
    let tuple = start;
    while (tuple + 2 <= end) {
      const count = view.getInt16(tuple);
      if (this.isComplete) throw this.fault('bytes follow the trailer');
      if (count === -1) {
        this.isComplete = true;
        tuple += 2;
        continue;
      }
      if (count !== fields) throw this.fault(`row ${this.rows} has ${count} fields, the layout has ${fields}`);
      if (this.rows === this.capacity) this.grow();
      let at = tuple + 2;
      for (let f = 0; f < fields; f++) {
        if (at + 4 > end) return tuple;
        const length = view.getInt32(at);
        at += 4;
        if (length === -1) {
          this.storeNull(f);
          continue;
        }
        if (at + length > end) return tuple;
        const operation = operations[f];
        if (WIDTHS[operation] !== length && WIDTHS[operation] !== -1) throw this.wrongWidth(f, length);
        this.store(f, bytes, view, at, length);
        at += length;
      }
      tuple = at;
      this.rows++;
    }
    return tuple;
  }

  private storeNull(f: number): void {
    const operation = this.operations[f];
    if (operation < TEXT) this.numbers[f][this.rows] = NaN;
    else if (operation < FLOAT8_ARRAY) this.codes[f][this.rows] = -1;
    else this.arrays[f].putNull(this.rows);
  }

  private store(f: number, bytes: Buffer, view: DataView, at: number, length: number): void {
    const row = this.rows;
    switch (this.operations[f]) {
      case FLOAT8:
        this.numbers[f][row] = view.getFloat64(at);
        return;
      case INT4:
        this.numbers[f][row] = view.getInt32(at);
        return;
      case TIMESTAMPTZ:
        this.numbers[f][row] = this.timestampMs(f, view, at);
        return;
      case TEXT:
        this.codes[f][row] = this.dictionaries[f].codeOf(bytes, at, length);
        return;
      case BOOL:
        this.numbers[f][row] = view.getUint8(at);
        return;
      case INT2:
        this.numbers[f][row] = view.getInt16(at);
        return;
      case INT8:
        this.numbers[f][row] = this.int8(f, view, at);
        return;
      case DATE:
        this.numbers[f][row] = this.day(f, view.getInt32(at));
        return;
      case JSONB:
        // one byte of format version, then the text
        if (view.getUint8(at) !== 1) throw this.fault(`column ${this.columnName(f)}: unknown jsonb version`);
        this.codes[f][row] = this.dictionaries[f].codeOf(bytes, at + 1, length - 1);
        return;
      default:
        this.array(f, view, at, length);
    }
  }

  private timestampMs(f: number, view: DataView, at: number): number {
    const high = view.getInt32(at);
    if (high >= -EXACT_HIGH && high < EXACT_HIGH) {
      // a single division of exact integers gives the double nearest to the stored instant
      return (WIRE_EPOCH_MS * 1000 + high * TWO_32 + view.getUint32(at + 4)) / 1000;
    }
    const micros = view.getBigInt64(at);
    const sinceEpoch = micros + BigInt(WIRE_EPOCH_MS) * 1000n;
    const ms = Number(sinceEpoch / 1000n) + Number(sinceEpoch % 1000n) / 1000;
    const { beyond } = this.layout.fields[f];
    if (beyond !== undefined && !(ms >= EARLIEST_INSTANT_MS && ms <= LATEST_INSTANT_MS)) {
      if (beyond === 'unknown') return NaN;
      return ms < 0 ? -Infinity : Infinity;
    }
    if (micros === 0x7fff_ffff_ffff_ffffn || micros === -0x8000_0000_0000_0000n) throw this.infinite(f);
    return ms;
  }

  private int8(f: number, view: DataView, at: number): number {
    const value = view.getInt32(at) * TWO_32 + view.getUint32(at + 4);
    if (!Number.isSafeInteger(value)) {
      if (this.layout.fields[f].beyond === 'unknown') return NaN;
      throw new StoreError('STORE_RANGE', `${this.columnName(f)}, row ${this.rows}: an int8 beyond ±2^53.`);
    }
    return value;
  }

  private day(f: number, wireDay: number): number {
    if (wireDay === 2_147_483_647 || wireDay === -2_147_483_648) throw this.infinite(f);
    return wireDay + WIRE_EPOCH_DAYS;
  }

  private array(f: number, view: DataView, from: number, length: number): void {
    const dimensions = view.getInt32(from);
    const isFloat8 = this.operations[f] === FLOAT8_ARRAY;
    const count = dimensions === 1 ? view.getInt32(from + 12) : 0;
    // with another lower bound than 1, SQL would number the elements differently from this program
    const isList = dimensions === 1 && view.getInt32(from + 16) === 1 && length <= 20 + count * (isFloat8 ? 12 : 8);
    if (dimensions !== 0 && !isList) {
      if (this.layout.fields[f].beyond === 'unknown') return this.arrays[f].putNull(this.rows);
      throw this.fault(
        `column ${this.columnName(f)}, row ${this.rows}: not a one-dimensional ${isFloat8 ? 'float8' : 'int4'} array numbered from 1 on`,
      );
    }
    this.arrays[f].put(this.rows, view, from, count, isFloat8);
  }

  private grow(): void {
    this.capacity = Math.max(32, this.capacity * 4);
    this.operations.forEach((operation, f) => {
      if (operation < TEXT) {
        const numbers = new Float64Array(this.capacity);
        numbers.set(this.numbers[f]);
        this.numbers[f] = numbers;
      } else if (operation < FLOAT8_ARRAY) {
        const codes = new Int32Array(this.capacity);
        codes.set(this.codes[f]);
        this.codes[f] = codes;
      } else this.arrays[f].grow(this.capacity);
    });
  }

  private columnName(f: number): string {
    return `${this.layout.table}.${this.layout.fields[f].column}`;
  }

  private infinite(f: number): StoreError {
    return this.fault(`column ${this.columnName(f)}, row ${this.rows}: an infinite ${this.layout.fields[f].type}`);
  }

  private wrongWidth(f: number, length: number): StoreError {
    const { type } = this.layout.fields[f];
    const width = WIDTHS[this.operations[f]];
    return this.fault(`column ${this.columnName(f)}: ${type} has ${width} bytes, the transfer has ${length}`);
  }

  private fault(what: string): StoreError {
    return new StoreError('STORE_QUERY', `Reading ${this.layout.table}: ${what}.`, {
      context: { table: this.layout.table, row: this.rows },
    });
  }
}
