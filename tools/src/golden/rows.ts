import type { ColumnTable } from '@ta/state-store';
import { GoldenError } from './errors.ts';
import { kindOf } from './golden-columns.ts';

/** A cell: a number (instants in epoch ms, flags 0 or 1, NaN for NULL) or text (null for NULL). */
export type Cell = number | string | null;

/** One row of a table, read by column name. */
export interface Row {
  number(column: string): number;
  text(column: string): string | null;
  /** The cell, text or number according to the kind of its column. */
  cell(column: string): Cell;
  /** All cells by column. */
  all(): Record<string, Cell>;
}

/** Rows of a table, read one at a time. */
export class Rows {
  readonly length: number;
  readonly columns: readonly string[];
  readonly #table: ColumnTable;
  readonly #cells = new Map<string, ArrayLike<Cell>>();

  constructor(table: ColumnTable, columns: readonly string[]) {
    this.#table = table;
    this.length = table.length;
    this.columns = columns;
  }

  /** A number column. @throws StoreError `STORE_QUERY` when there is no number column of that name */
  numbers(column: string): Float64Array {
    return this.#cached(column, () => this.#table.number(column)) as Float64Array;
  }

  /** A text column. @throws StoreError `STORE_QUERY` when there is no text column of that name */
  texts(column: string): readonly (string | null)[] {
    return this.#cached(column, () => this.#table.text(column)) as readonly (string | null)[];
  }

  /** The cells of a column, whatever its kind. */
  cells(column: string): ArrayLike<Cell> {
    return kindOf(column) === 'text' ? this.texts(column) : this.numbers(column);
  }

  at(index: number): Row {
    return new RowOfTable(this, index);
  }

  #cached(column: string, read: () => ArrayLike<Cell>): ArrayLike<Cell> {
    let cells = this.#cells.get(column);
    if (cells === undefined) {
      cells = read();
      this.#cells.set(column, cells);
    }
    return cells;
  }
}

class RowOfTable implements Row {
  readonly #rows: Rows;
  readonly #index: number;

  constructor(rows: Rows, index: number) {
    this.#rows = rows;
    this.#index = index;
  }

  number(column: string): number {
    return this.#rows.numbers(column)[this.#index];
  }

  text(column: string): string | null {
    return this.#rows.texts(column)[this.#index];
  }

  cell(column: string): Cell {
    return this.#rows.cells(column)[this.#index];
  }

  all(): Record<string, Cell> {
    return Object.fromEntries(this.#rows.columns.map((column) => [column, this.cell(column)]));
  }
}

/** The key of a row as text, with the parts in the order of the key columns. */
export function keyText(row: Row, key: readonly string[]): string {
  return key.map((column) => row.cell(column)).join(' ');
}

/**
 * Rows by the text of their key, in the order of the table.
 *
 * @throws GoldenError `GOLDEN_DUPLICATE_KEY`
 */
export function byKey(rows: Rows, key: readonly string[]): Map<string, Row> {
  const found = new Map<string, Row>();
  for (let index = 0; index < rows.length; index++) {
    const row = rows.at(index);
    const text = keyText(row, key);
    if (found.has(text)) throw new GoldenError('GOLDEN_DUPLICATE_KEY', `Key (${key.join(', ')}) occurs twice: ${text}`);
    found.set(text, row);
  }
  return found;
}
