import {
  AsyncByteQueue,
  Bool,
  DateDay,
  Field,
  Float64,
  Int32,
  Int64,
  makeData,
  RecordBatch,
  RecordBatchFileWriter,
  Schema,
  Struct,
  TimestampMicrosecond,
  Utf8,
  vectorFromArray,
  type Data,
  type DataType,
} from 'apache-arrow';
import type { ColumnTable, CopyField } from '@ta/state-store';
import { microseconds, type OpenTableFile } from './table-file.ts';
import type { WholeFile } from './whole-file.ts';

/** Arrow IPC file (Feather V2), a record batch per batch; instants in microseconds UTC. */
export const openArrow: OpenTableFile = (file, fields) => {
  const schema = new Schema(fields.map((field) => new Field(field.column, typeOf(field), field.nullable)));
  const writer = new RecordBatchFileWriter();
  writer.reset(new FileQueue(file), schema);
  return {
    append(batch) {
      const children = fields.map((field) => dataOf(field, batch));
      const type = new Struct(schema.fields);
      writer.write(new RecordBatch(schema, makeData({ type, length: batch.length, nullCount: 0, children })));
    },
    end: () => void writer.finish(),
  };
};

/** Writes the bytes of the Arrow writer to the file at once. The writer requires a queue; this one keeps nothing. */
class FileQueue extends AsyncByteQueue {
  constructor(private readonly file: Pick<WholeFile, 'write'>) {
    super();
  }

  override write(bytes: ArrayBufferView): void {
    this.file.write(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  }
}

function typeOf({ type }: CopyField): DataType {
  switch (type) {
    case 'int2':
    case 'int4':
      return new Int32();
    case 'int8':
      return new Int64();
    case 'float8':
      return new Float64();
    case 'bool':
      return new Bool();
    case 'timestamptz':
      return new TimestampMicrosecond('UTC');
    case 'date':
      return new DateDay();
    default:
      return new Utf8();
  }
}

function dataOf(field: CopyField, batch: ColumnTable): Data {
  const { column, type } = field;
  if (type === 'text' || type === 'enum' || type === 'jsonb') {
    return vectorFromArray(batch.text(column), new Utf8()).data[0] as Data;
  }
  const numbers = batch.number(column);
  const { length } = numbers;
  const valid = new Uint8Array(Math.ceil(length / 8));
  let nullCount = 0;
  for (let i = 0; i < length; i++) {
    if (Number.isNaN(numbers[i])) nullCount++;
    else valid[i >> 3] |= 1 << (i & 7);
  }
  const common = { length, nullCount, ...(nullCount === 0 ? {} : { nullBitmap: valid }) };
  return makeData({ ...common, type: typeOf(field) as Float64, data: bufferOf(type, numbers) as Float64Array });
}

function bufferOf(type: CopyField['type'], numbers: Float64Array): ArrayBufferView {
  if (type === 'float8') return numbers;
  if (type === 'timestamptz') return BigInt64Array.from(numbers, (ms) => (Number.isNaN(ms) ? 0n : microseconds(ms)));
  if (type === 'int8') return BigInt64Array.from(numbers, (value) => (Number.isNaN(value) ? 0n : BigInt(value)));
  if (type !== 'bool') return Int32Array.from(numbers);
  const bits = new Uint8Array(Math.ceil(numbers.length / 8));
  for (let i = 0; i < numbers.length; i++) if (numbers[i] === 1) bits[i >> 3] |= 1 << (i & 7);
  return bits;
}
