import { nullRefused, outOfRange, type FieldPlace, type FieldWriter } from './field-writer.ts';

/** On the wire jsonb is a format version followed by its text. */
const JSONB_VERSION = 1;

type Codes = Uint16Array | Int32Array | Uint8Array;
type Texts = readonly (string | null)[];

/** True for the types whose values are strings. */
export function isTextType(type: string): boolean {
  return type === 'text' || type === 'enum' || type === 'jsonb';
}

/** The wire format of a text value: a length word and the bytes; null has length −1. */
export function wireText(text: string | null, type: string): Buffer {
  if (text === null) return Buffer.of(0xff, 0xff, 0xff, 0xff);
  const prefix = type === 'jsonb' ? 1 : 0;
  const length = Buffer.byteLength(text) + prefix;
  const wire = Buffer.allocUnsafe(4 + length);
  wire.writeInt32BE(length, 0);
  if (prefix === 1) wire[4] = JSONB_VERSION;
  wire.write(text, 4 + prefix);
  return wire;
}

/** Writes the same bytes in every row. */
export function constantWriter(wire: Buffer): FieldWriter {
  return {
    measure(_select, _from, count, sizes) {
      for (let k = 0; k < count; k++) sizes[k] += wire.length;
    },
    write({ bytes }, _select, _from, count, at) {
      for (let k = 0; k < count; k++) {
        const offset = at[k];
        for (let b = 0; b < wire.length; b++) bytes[offset + b] = wire[b];
        at[k] = offset + wire.length;
      }
    },
  };
}

/** Dictionary text: every label is encoded once. */
export function codeWriter(place: FieldPlace, codes: Codes, labels: Texts): FieldWriter {
  const wires = labels.map((label) => wireText(label, place.field.type));
  const pool = Buffer.concat(wires);
  const starts = new Int32Array(labels.length + 1);
  for (let code = 0; code < wires.length; code++) starts[code + 1] = starts[code] + wires[code].length;
  return {
    measure(select, from, count, sizes) {
      for (let k = 0; k < count; k++) {
        const row = select === null ? from + k : select[from + k];
        const code = codes[row];
        if (!(code >= 0 && code < labels.length)) throw outOfRange(place, row, `a code below ${labels.length}`);
        if (!place.field.nullable && labels[code] === null) throw nullRefused(place, row);
        sizes[k] += starts[code + 1] - starts[code];
      }
    },
    write({ bytes }, select, from, count, at) {
      for (let k = 0; k < count; k++) {
        const code = codes[select === null ? from + k : select[from + k]];
        const end = starts[code + 1];
        let offset = at[k];
        for (let b = starts[code]; b < end; b++) bytes[offset++] = pool[b];
        at[k] = offset;
      }
    },
  };
}

/** Free text, one string per row. */
export function stringWriter(place: FieldPlace, strings: Texts): FieldWriter {
  const prefix = place.field.type === 'jsonb' ? 1 : 0;
  return {
    measure(select, from, count, sizes) {
      for (let k = 0; k < count; k++) {
        const row = select === null ? from + k : select[from + k];
        const text = strings[row];
        if (text === null && !place.field.nullable) throw nullRefused(place, row);
        sizes[k] += text === null ? 4 : 4 + prefix + Buffer.byteLength(text);
      }
    },
    write({ bytes, view }, select, from, count, at) {
      for (let k = 0; k < count; k++) {
        const text = strings[select === null ? from + k : select[from + k]];
        const offset = at[k];
        if (text === null) {
          view.setInt32(offset, -1);
          at[k] = offset + 4;
          continue;
        }
        if (prefix === 1) bytes[offset + 4] = JSONB_VERSION;
        const length = prefix + bytes.write(text, offset + 4 + prefix);
        view.setInt32(offset, length);
        at[k] = offset + 4 + length;
      }
    },
  };
}
