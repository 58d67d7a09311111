import type { ArrayCells } from './column-table.ts';

/** Bytes before the elements of an array: dimensions, has-null flag, element type, length, lower bound. */
const HEADER_BYTES = 20;

/** Gathers the arrays of a column as they are decoded, row by row. */
export class ArrayCellsBuilder {
  private values = new Float64Array(0);
  private starts = new Int32Array(1);
  private nulls = new Uint8Array(0);
  private length = 0;
  private latest = -1;

  /** Makes room for rows. */
  grow(rows: number): void {
    const starts = new Int32Array(rows + 1);
    starts.set(this.starts);
    this.starts = starts;
    const nulls = new Uint8Array(rows);
    nulls.set(this.nulls);
    this.nulls = nulls;
  }

  putNull(row: number): void {
    this.begin(row);
    this.nulls[row] = 1;
  }

  /** @param from offset of the array; it has `count` elements of 8 (float8) or 4 bytes, each preceded by its length */
  put(row: number, view: DataView, from: number, count: number, isFloat8: boolean): void {
    this.begin(row);
    this.nulls[row] = count > 0 && view.getInt32(from + 4) !== 0 ? 2 : 0;
    if (this.length + count > this.values.length) this.widen(this.length + count);
    const { values } = this;
    let at = from + HEADER_BYTES;
    for (let i = this.length; i < this.length + count; i++) {
      const isNull = view.getInt32(at) === -1;
      at += 4;
      if (isNull) values[i] = NaN;
      else {
        values[i] = isFloat8 ? view.getFloat64(at) : view.getInt32(at);
        at += isFloat8 ? 8 : 4;
      }
    }
    this.length += count;
  }

  finish(rows: number): ArrayCells {
    const starts = this.starts.slice(0, rows + 1);
    starts[rows] = this.length;
    return { values: this.values.slice(0, this.length), starts, nulls: this.nulls.slice(0, rows) };
  }

  /**
   * Begins a row. A row that was cut off between two chunks is decoded again, so the elements already added for it are dropped
   * first.
   */
  private begin(row: number): void {
    if (row === this.latest) this.length = this.starts[row];
    this.latest = row;
    this.starts[row] = this.length;
  }

  private widen(least: number): void {
    const values = new Float64Array(Math.max(least, 256, this.values.length * 4));
    values.set(this.values.subarray(0, this.length));
    this.values = values;
  }
}
