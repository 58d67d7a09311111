import { StoreError } from '../errors.ts';

/** Column types the COPY codec knows; `enum` is any enum type, sent by its label. */
export type CopyType =
  | 'int2'
  | 'int4'
  | 'int8'
  | 'float8'
  | 'timestamptz'
  | 'date'
  | 'bool'
  | 'text'
  | 'float8[]'
  | 'int4[]'
  | 'jsonb'
  | 'enum';

/** One column of a {@link CopyLayout}. */
export interface CopyField {
  column: string;
  type: CopyType;
  nullable: boolean;
  /**
   * How an instant outside the years 0001 to 9999 is read: as ±Infinity, or (`unknown`) as NaN like NULL. With `unknown`, an int8
   * beyond ±2^53 and an array that is not a list numbered from 1 on are read like NULL too. If absent, infinite instants, such
   * int8 values and such arrays are errors, since only damaged data could contain them; other instants are read as they are.
   */
  beyond?: 'infinite' | 'unknown';
}

/** The columns of a table (or of a query) in the order of the COPY. */
export interface CopyLayout {
  /** Table name, optionally `schema.table`; unquoted. */
  table: string;
  fields: readonly CopyField[];
}

/** Quotes an SQL identifier; a dot separates schema and name. */
export function quoteIdentifier(name: string): string {
  return name
    .split('.')
    .map((part) => `"${part.replaceAll('"', '""')}"`)
    .join('.');
}

/** Quotes text as an SQL literal, for COPY queries (which take no parameters). */
export function quoteLiteral(text: string): string {
  if (text.includes('\0')) {
    throw new StoreError('STORE_RANGE', 'An SQL text literal cannot hold a zero byte.');
  }
  const quoted = `'${text.replaceAll("'", "''")}'`;
  return text.includes('\\') ? `E${quoted.replaceAll('\\', '\\\\')}` : quoted;
}

/** The statement that receives rows of this layout. */
export function copyInSql(layout: CopyLayout): string {
  return `COPY ${quoteIdentifier(layout.table)} (${columnList(layout)}) FROM STDIN WITH (FORMAT binary)`;
}

/**
 * The statement that sends rows of this layout; `tail` is the SQL after FROM (`WHERE … ORDER BY …`), built from
 * numbers and {@link quoteLiteral} only.
 */
export function copyOutSql(layout: CopyLayout, tail = ''): string {
  const select = `SELECT ${columnList(layout)} FROM ${quoteIdentifier(layout.table)} ${tail}`.trimEnd();
  return `COPY (${select}) TO STDOUT WITH (FORMAT binary)`;
}

function columnList(layout: CopyLayout): string {
  return layout.fields.map((field) => quoteIdentifier(field.column)).join(', ');
}
