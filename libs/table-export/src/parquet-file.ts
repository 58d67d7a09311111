import { ByteWriter, ParquetWriter, type ColumnSource } from 'hyparquet-writer';
import type { ColumnTable, CopyField } from '@ta/state-store';
import { microseconds, type OpenTableFile } from './table-file.ts';

/** What hyparquet knows of a column. */
type SchemaElement = ConstructorParameters<typeof ParquetWriter>[0]['schema'][number];

/** Without this logical type, readers interpret the converted type as local time, another instant in every zone but UTC. */
const UTC_MICROSECONDS = { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MICROS' } as const;

/** Parquet, Snappy, a row group per batch; instants are microseconds, adjusted to UTC. */
export const openParquet: OpenTableFile = (file, fields) => {
  const schema: SchemaElement[] = [{ name: 'root', num_children: fields.length }, ...fields.map(elementOf)];
  const writer = new ByteWriter();
  const parquet = new ParquetWriter({ writer, schema });
  const flush = () => {
    file.write(writer.getBytes());
    writer.index = 0;
  };
  return {
    async append(batch) {
      await parquet.write({ columnData: fields.map((field) => columnOf(field, batch)), rowGroupSize: batch.length });
      flush();
    },
    async end() {
      await parquet.finish();
      flush();
    },
  };
};

function elementOf({ column: name, type, nullable }: CopyField): SchemaElement {
  const common = { name, repetition_type: nullable ? ('OPTIONAL' as const) : ('REQUIRED' as const) };
  switch (type) {
    case 'int2':
    case 'int4':
      return { ...common, type: 'INT32' };
    case 'int8':
      return { ...common, type: 'INT64' };
    case 'float8':
      return { ...common, type: 'DOUBLE' };
    case 'bool':
      return { ...common, type: 'BOOLEAN' };
    case 'timestamptz':
      return { ...common, type: 'INT64', converted_type: 'TIMESTAMP_MICROS', logical_type: UTC_MICROSECONDS };
    case 'date':
      return { ...common, type: 'INT32', converted_type: 'DATE' };
    default:
      return { ...common, type: 'BYTE_ARRAY', converted_type: 'UTF8' };
  }
}

function columnOf({ column: name, type, nullable }: CopyField, batch: ColumnTable): ColumnSource {
  if (type === 'text' || type === 'enum' || type === 'jsonb') return { name, data: batch.text(name) };
  const numbers = batch.number(name);
  if (type === 'float8' && !nullable) return { name, data: numbers };
  const convert = converterOf(type);
  return { name, data: Array.from(numbers, (value) => (Number.isNaN(value) ? null : convert(value))) };
}

function converterOf(type: CopyField['type']): (value: number) => unknown {
  if (type === 'timestamptz') return microseconds;
  if (type === 'int8') return BigInt;
  return type === 'bool' ? (value) => value === 1 : (value) => value;
}
