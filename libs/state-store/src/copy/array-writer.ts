import { nullRefused, outOfRange, type FieldPlace, type FieldWriter } from './field-writer.ts';
import { FLOAT8_OID, INT4_OID } from './file-format.ts';

/** Dimensions, has-null flag, element type: all of an empty array. */
const EMPTY_ARRAY_BYTES = 12;
/** One dimension more: its length and lower bound. */
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
        view.setInt32(offset + 4, values.length === 0 ? 0 : 1);
        view.setInt32(offset + 8, 0);
        view.setInt32(offset + 12, isFloat8 ? FLOAT8_OID : INT4_OID);
        offset += 4 + EMPTY_ARRAY_BYTES;
        if (values.length > 0) {
          view.setInt32(offset, values.length);
          view.setInt32(offset + 4, 1);
          offset += 8;
        }
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

function arrayBytes(length: number, elementBytes: number): number {
  return length === 0 ? EMPTY_ARRAY_BYTES : ARRAY_HEADER_BYTES + length * (4 + elementBytes);
}
