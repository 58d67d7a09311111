import { StoreError } from '../errors.ts';

/** Dictionary text: `codes[row]` is an index into `labels`, or −1 for NULL. */
export interface TextCodes {
  codes: Int32Array;
  labels: readonly string[];
}

/** One decoded column. */
export type DecodedColumn =
  | { kind: 'number'; numbers: Float64Array }
  | { kind: 'text'; codes: Int32Array; labels: readonly string[] }
  | { kind: 'array'; arrays: readonly (Float64Array | null)[] };

/**
 * Rows as columns, the result of `decodeCopy`. NULL is NaN in numbers, null in text and arrays; a NaN stored in the
 * database is NaN, too: in a column both mean "not known".
 */
export class ColumnTable {
  readonly length: number;
  private readonly columns: ReadonlyMap<string, DecodedColumn>;

  constructor(length: number, columns: ReadonlyMap<string, DecodedColumn>) {
    this.length = length;
    this.columns = columns;
  }

  /**
   * Values of a number column: timestamptz in epoch ms UTC (microseconds as fraction), date as day number since
   * 1970-01-01, bool as 0 or 1.
   * @throws StoreError `STORE_QUERY` when there is no such number column
   */
  number(name: string): Float64Array {
    return this.column(name, 'number').numbers;
  }

  /** Values of a text, enum or jsonb (JSON text) column. @throws StoreError `STORE_QUERY` */
  text(name: string): (string | null)[] {
    const { codes, labels } = this.column(name, 'text');
    return Array.from(codes, (code) => (code < 0 ? null : labels[code]));
  }

  /** A text column as codes, without making a string per row. @throws StoreError `STORE_QUERY` */
  codes(name: string): TextCodes {
    const { codes, labels } = this.column(name, 'text');
    return { codes, labels };
  }

  /** Values of a float8[] or int4[] column; a NULL element is NaN. @throws StoreError `STORE_QUERY` */
  array(name: string): readonly (Float64Array | null)[] {
    return this.column(name, 'array').arrays;
  }

  /**
   * The rows as objects: each property from the column named, of the kind that {@link number}, {@link text} or {@link array} give;
   * the caller knows which may be null.
   */
  objects<T>(columns: Readonly<Record<keyof T, string>>): T[] {
    const named = Object.entries<string>(columns).map(([property, column]) => [property, this.values(column)] as const);
    return Array.from({ length: this.length }, (_, i) => {
      const row: Record<string, unknown> = {};
      for (const [property, values] of named) row[property] = values[i];
      return row as T;
    });
  }

  private values(name: string): ArrayLike<unknown> {
    const column = this.columns.get(name);
    if (column?.kind === 'array') return column.arrays;
    return column?.kind === 'text' ? this.text(name) : this.number(name);
  }

  private column<K extends DecodedColumn['kind']>(name: string, kind: K): Extract<DecodedColumn, { kind: K }> {
    const column = this.columns.get(name);
    if (column?.kind !== kind) {
      const known = [...this.columns].map(([column_, { kind: kind_ }]) => `${column_} (${kind_})`).join(', ');
      throw new StoreError('STORE_QUERY', `There is no ${kind} column ${name}; decoded were ${known}.`);
    }
    return column as Extract<DecodedColumn, { kind: K }>;
  }
}
