import type { FieldData } from './field-data.ts';
import { nullRefused, outOfRange, type FieldPlace, type FieldWriter } from './field-writer.ts';
import { FLOAT8_OID, INT4_OID } from './file-format.ts';

/** Bytes of an empty array: number of dimensions, has-null flag, element type. */
const EMPTY_ARRAY_BYTES = 12;
/** Bytes before the elements of a one-dimensional array: the same as for an empty one, then length and lower bound. */
const ARRAY_HEADER_BYTES = 20;

/** One-dimensional float8[] or int4[], one per row. */
export function arrayWriter(place: FieldPlace, arrays: readonly (Float64Array | Int32Array | null)[]): FieldWriter {
  const isFloat8 = place.field.type === 'float8[]';
  const elementBytes = isFloat8 ? 8 : 4;
  return {
    measure(select, from, count, sizes) {
      for (let k = 0; k < count; k++) {
        const row = select === null ? from + k : select[from + k];
        const values = arrays[row];
        if (values === null) {
          if (!place.field.nullable) throw nullRefused(place, row);
          sizes[k] += 4;
        } else {
          sizes[k] += 4 + arrayBytes(values.length, elementBytes);
        }
      }
    },
    write({ view }, select, from, count, at) {
      for (let k = 0; k < count; k++) {
        const row = select === null ? from + k : select[from + k];
        const values = arrays[row];
        let offset = at[k];
        if (values === null) {
          view.setInt32(offset, -1);
          at[k] = offset + 4;
          continue;
        }
        view.setInt32(offset, arrayBytes(values.length, elementBytes));
        offset = putHeader(view, offset + 4, values.length, isFloat8 ? FLOAT8_OID : INT4_OID);
        for (let i = 0; i < values.length; i++) {
          const value = values[i];
          view.setInt32(offset, elementBytes);
          if (isFloat8) view.setFloat64(offset + 4, value);
          else if ((value | 0) === value) view.setInt32(offset + 4, value);
          else throw outOfRange(place, row, 'an array of 32-bit integers');
          offset += 4 + elementBytes;
        }
        at[k] = offset;
      }
    },
  };
}

/** float8[] values as slices of one array, which avoids creating an array per row. */
export function sliceWriter({ slices, width, lengths }: Extract<FieldData, { slices: unknown }>): FieldWriter {
  return {
    measure(select, from, count, sizes) {
      for (let k = 0; k < count; k++)
        sizes[k] += 4 + arrayBytes(lengths[select === null ? from + k : select[from + k]], 8);
    },
    write({ view }, select, from, count, at) {
      for (let k = 0; k < count; k++) {
        const row = select === null ? from + k : select[from + k];
        const length = lengths[row];
        let offset = at[k];
        view.setInt32(offset, arrayBytes(length, 8));
        offset = putHeader(view, offset + 4, length, FLOAT8_OID);
        for (let i = row * width; i < row * width + length; i++) {
          view.setInt32(offset, 8);
          view.setFloat64(offset + 4, slices[i]);
          offset += 12;
        }
        at[k] = offset;
      }
    },
  };
}

/** Writes the bytes before the elements. @returns the offset of the first element */
function putHeader(view: DataView, at: number, length: number, elementType: number): number {
  view.setInt32(at, length === 0 ? 0 : 1);
  view.setInt32(at + 4, 0);
  view.setInt32(at + 8, elementType);
  if (length === 0) return at + EMPTY_ARRAY_BYTES;
  view.setInt32(at + 12, length);
  view.setInt32(at + 16, 1);
  return at + ARRAY_HEADER_BYTES;
}

function arrayBytes(length: number, elementBytes: number): number {
  return length === 0 ? EMPTY_ARRAY_BYTES : ARRAY_HEADER_BYTES + length * (4 + elementBytes);
}
