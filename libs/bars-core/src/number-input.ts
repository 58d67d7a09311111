import { BarsError } from './errors.ts';

/** A column of numbers, as anything array-like or iterable; null, undefined and NaN are "not known". */
export type NumberColumn = ArrayLike<number | null | undefined> | Iterable<number | null | undefined>;

/**
 * A column as numbers; null and undefined become NaN.
 * @throws BarsError `BARS_BAD_INPUT` if the argument is not a column, or a cell is a text, a bigint, a date …
 */
export function numbersOf(name: string, column: NumberColumn): Float64Array {
  if (column instanceof Float64Array) return column;
  const cells = cellsOf(name, column);
  const numbers = new Float64Array(cells.length);
  for (let row = 0; row < cells.length; row++) {
    const cell = cells[row];
    if (typeof cell === 'number') numbers[row] = cell;
    else if (cell === null || cell === undefined) numbers[row] = NaN;
    else throw noNumber(name, row, cell);
  }
  return numbers;
}

/**
 * The cells of a column. Vectors of some libraries have a length but no access by index, so iterables are copied into an array.
 */
export function cellsOf(name: string, column: unknown): ArrayLike<unknown> {
  if (typeof column === 'object' && column !== null) {
    const isIndexed = Array.isArray(column) || ArrayBuffer.isView(column);
    if (!isIndexed && Symbol.iterator in column) return [...(column as Iterable<unknown>)];
    const { length } = column as { readonly length?: unknown };
    if (Number.isSafeInteger(length) && (length as number) >= 0) return column as ArrayLike<unknown>;
  }
  throw new BarsError('BARS_BAD_INPUT', `${name} is ${column === null ? 'null' : typeof column}; expected a column`, {
    context: { column: name },
  });
}

function noNumber(name: string, row: number, cell: unknown): BarsError {
  const shown = typeof cell === 'string' ? JSON.stringify(cell.slice(0, 40)) : String(cell);
  return new BarsError(
    'BARS_BAD_INPUT',
    `${name}, row ${row}, is ${shown} (${typeof cell}); expected a number, or null, undefined or NaN for "not known"`,
    {
      hint: 'Convert texts and bigints with Number(…), dates with getTime().',
      context: { column: name, row, type: typeof cell },
    },
  );
}
