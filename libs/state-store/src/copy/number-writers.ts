import { nullRefused, outOfRange, type FieldPlace, type FieldWriter } from './field-writer.ts';
import { TWO_32, WIRE_EPOCH_DAYS, WIRE_EPOCH_MS } from './file-format.ts';

type Numbers = Float64Array | Int32Array | Uint8Array;
type PutValue = (view: DataView, at: number, value: number) => boolean;

/** One fixed-width type: its width and how a value is written; `put` returns false when the value does not fit. */
interface NumberFormat {
  width: number;
  put: PutValue;
  expectation: string;
}

/**
 * Limit in milliseconds within which microseconds are exact in a double: ±285 years around 2000. Outside, BigInt arithmetic is
 * used, so whole milliseconds stay exact.
 */
const EXACT_MS = 9_007_199_254_740;

/** PostgreSQL's range of timestamps (4713 BC to 294276 AD), narrowed by about a year at both ends. */
const FIRST_TIMESTAMP_MS = -210_835_000_000_000;
const LAST_TIMESTAMP_MS = 9_224_286_000_000_000;

function putTimestamp(view: DataView, at: number, value: number): boolean {
  if (!(value >= FIRST_TIMESTAMP_MS && value <= LAST_TIMESTAMP_MS)) return false;
  const wholeMs = Math.floor(value);
  const sinceMs = wholeMs - WIRE_EPOCH_MS;
  const fractionMicros = wholeMs === value ? 0 : Math.round((value - wholeMs) * 1000);
  if (sinceMs > -EXACT_MS && sinceMs < EXACT_MS) {
    const micros = sinceMs * 1000 + fractionMicros;
    const high = Math.floor(micros / TWO_32);
    view.setInt32(at, high);
    view.setUint32(at + 4, micros - high * TWO_32);
  } else {
    view.setBigInt64(at, BigInt(sinceMs) * 1000n + BigInt(fractionMicros));
  }
  return true;
}

function putInt8(view: DataView, at: number, value: number): boolean {
  if (!Number.isSafeInteger(value)) return false;
  const high = Math.floor(value / TWO_32);
  view.setInt32(at, high);
  view.setUint32(at + 4, value - high * TWO_32);
  return true;
}

function putInt4(view: DataView, at: number, value: number): boolean {
  view.setInt32(at, value);
  return (value | 0) === value;
}

function putInt2(view: DataView, at: number, value: number): boolean {
  view.setInt16(at, value);
  return (value << 16) >> 16 === value;
}

function putFloat8(view: DataView, at: number, value: number): boolean {
  view.setFloat64(at, value);
  return true;
}

function putDate(view: DataView, at: number, value: number): boolean {
  const day = value - WIRE_EPOCH_DAYS;
  view.setInt32(at, day);
  // −2147483648 and 2147483647 would mean −infinity and infinity
  return (day | 0) === day && day > -2_147_483_648 && day < 2_147_483_647;
}

function putBool(view: DataView, at: number, value: number): boolean {
  view.setUint8(at, value);
  return value === 0 || value === 1;
}

const FORMATS = {
  float8: { width: 8, put: putFloat8, expectation: 'a number' },
  timestamptz: { width: 8, put: putTimestamp, expectation: 'a finite instant in PostgreSQL’s range' },
  int8: { width: 8, put: putInt8, expectation: 'an integer within ±2^53' },
  int4: { width: 4, put: putInt4, expectation: 'a 32-bit integer' },
  int2: { width: 2, put: putInt2, expectation: 'a 16-bit integer' },
  date: { width: 4, put: putDate, expectation: 'a whole day number' },
  bool: { width: 1, put: putBool, expectation: '0 or 1' },
} satisfies Record<string, NumberFormat>;

/** Types whose values are numbers of a fixed width. */
export type NumberType = keyof typeof FORMATS;

/** True for the types of {@link numberWriter}. */
export function isNumberType(type: string): type is NumberType {
  return Object.hasOwn(FORMATS, type);
}

/** A writer of a fixed-width field. `nullIf` is one more value that means NULL; NaN for none. */
export function numberWriter(place: FieldPlace, type: NumberType, numbers: Numbers, nullIf: number): FieldWriter {
  const { nullable } = place.field;
  const { width, put, expectation } = FORMATS[type];
  return {
    measure(select, from, count, sizes) {
      for (let k = 0; k < count; k++) {
        // a NULL in a not-null field is reported while writing, so its size does not matter
        const value = nullable ? numbers[select === null ? from + k : select[from + k]] : 0;
        sizes[k] += nullable && (value !== value || value === nullIf) ? 4 : 4 + width;
      }
    },
    write({ view }, select, from, count, at) {
      for (let k = 0; k < count; k++) {
        const row = select === null ? from + k : select[from + k];
        const value = numbers[row];
        const offset = at[k];
        if (value !== value || value === nullIf) {
          if (!nullable) throw nullRefused(place, row);
          view.setInt32(offset, -1);
          at[k] = offset + 4;
        } else {
          view.setInt32(offset, width);
          if (!put(view, offset + 4, value)) throw outOfRange(place, row, expectation);
          at[k] = offset + 4 + width;
        }
      }
    },
  };
}
