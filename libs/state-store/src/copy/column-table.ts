import { StoreError } from '../errors.ts';

/** Dictionary text: `codes[row]` is an index into `labels`, or −1 for NULL. */
export interface TextCodes {
  codes: Int32Array;
  labels: readonly string[];
}

/** The arrays of all rows one after the other; the array of a row is `values` from `starts[row]` until `starts[row + 1]`. */
export interface ArrayCells {
  /** A NULL element is NaN. */
  readonly values: Float64Array;
  readonly starts: Int32Array;
  /** Per row: 1 if the array itself is NULL, 2 if it may contain NULL elements, else 0, so that a NaN is a stored NaN. */
  readonly nulls: Uint8Array;
}

/** One decoded column. */
export type DecodedColumn =
  | { kind: 'number'; numbers: Float64Array }
  | { kind: 'text'; codes: Int32Array; labels: readonly string[] }
  | ({ kind: 'array' } & ArrayCells);

/**
 * Rows as columns, the result of `decodeCopy`. NULL is NaN in numbers and null in text and arrays. A NaN stored in the database
 * is NaN too; in a column both mean "not known".
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

  /** Start and end row of each text of a column, for rows that are grouped by that text. */
  runs(name: string): ReadonlyMap<string | null, readonly [from: number, until: number]> {
    const { codes, labels } = this.column(name, 'text');
    const runs = new Map<string | null, readonly [number, number]>();
    for (let from = 0; from < this.length;) {
      let until = from + 1;
      while (until < this.length && codes[until] === codes[from]) until++;
      runs.set(codes[from] < 0 ? null : labels[codes[from]], [from, until]);
      from = until;
    }
    return runs;
  }

  /** Values of a float8[] or int4[] column; a NULL element is NaN. @throws StoreError `STORE_QUERY` */
  array(name: string): readonly (Float64Array | null)[] {
    const { values, starts, nulls } = this.column(name, 'array');
    return Array.from(nulls, (flag, row) => (flag === 1 ? null : values.subarray(starts[row], starts[row + 1])));
  }

  /** A float8[] or int4[] column without an array per row. @throws StoreError `STORE_QUERY` */
  cells(name: string): ArrayCells {
    return this.column(name, 'array');
  }

  /**
   * The rows as objects, each property from the named column, with values as {@link number}, {@link text} or {@link array} give
   * them. The caller has to know which values may be null.
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
    if (column?.kind === 'array') return this.array(name);
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
