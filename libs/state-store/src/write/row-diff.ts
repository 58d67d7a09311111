import type { ArrayCells, ColumnTable } from '../copy/column-table.ts';
import type { FieldData } from '../copy/field-data.ts';
import type { CopyField, CopyLayout } from '../copy/layout.ts';
import type { BuiltColumns } from './insert-rows.ts';

/** `time_open` as the property that holds such a column: `timeOpen`. */
type PropertyOf<Column> = Column extends `${infer Head}_${infer Tail}`
  ? `${Head}${Capitalize<PropertyOf<Tail>>}`
  : Column;

/**
 * Columns of numbers; the values of a column are in the property with its name in camelCase.
 * @param nullIf the value that stands for NULL besides NaN
 */
export function numberColumns<Column extends string>(
  of: Readonly<Record<PropertyOf<Column> & string, Float64Array | Int32Array | Uint8Array>>,
  columns: readonly Column[],
  nullIf?: number,
): BuiltColumns {
  const propertyOf = (column: Column) =>
    column.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()) as PropertyOf<Column> & string;
  return Object.fromEntries(columns.map((column) => [column, { numbers: of[propertyOf(column)], nullIf }]));
}

/** Whether a built row and a stored row, given by their indexes, differ. */
export type Differs = (built: number, stored: number) => boolean;

/** Rows to write and to remove so that the stored rows equal the built ones. */
export interface RowDiff {
  /** Indexes of the built rows that differ from the stored ones or are not stored. */
  readonly write: Int32Array;
  /** Indexes of the stored rows to delete first: those that differ, and those that were not built. */
  readonly stale: Int32Array;
}

/**
 * Compares built rows with the stored rows of the same keys, bit by bit.
 *
 * @param columns the columns to compare
 * @param chosen indexes of the built rows that have to be stored
 * @param builtAt for each stored row the index of the built row with its key, −1 if there is none
 */
export function diffRows(
  columns: readonly CopyField[],
  built: BuiltColumns,
  chosen: Int32Array,
  stored: ColumnTable,
  builtAt: Int32Array,
): RowDiff {
  const isDifferent = new Uint8Array(stored.length);
  for (const field of columns) {
    const differs = differsIn(field, built, stored);
    for (let there = 0; there < stored.length; there++) {
      const here = builtAt[there];
      if (here >= 0 && isDifferent[there] === 0 && differs(here, there)) isDifferent[there] = 1;
    }
  }
  const kept = new Set<number>();
  const stale: number[] = [];
  for (let there = 0; there < stored.length; there++) {
    const here = builtAt[there];
    if (here >= 0 && isDifferent[there] === 0) kept.add(here);
    else stale.push(there);
  }
  return { write: chosen.filter((here) => !kept.has(here)), stale: Int32Array.from(stale) };
}

/** The columns of a layout that are not part of the key. */
export function valuesOf({ fields }: CopyLayout, key: readonly string[]): readonly CopyField[] {
  return fields.filter(({ column }) => !key.includes(column));
}

/**
 * Compares the cells of one column by their bits. NULL and NaN both mean unknown and count as equal. Instants are compared in the
 * stored precision, microseconds.
 */
export function differsIn({ column, type }: CopyField, columns: BuiltColumns, stored: ColumnTable): Differs {
  const built = columns[column];
  if ('slices' in built) return slicesDiffer(built, stored.cells(column));
  if ('numbers' in built) {
    const { numbers, nullIf } = built;
    const there = stored.number(column);
    if (type === 'timestamptz') return (i, j) => !isSameInstant(numbers[i], there[j]);
    return (i, j) => !Object.is(numbers[i] === nullIf ? NaN : numbers[i], there[j]);
  }
  if ('constant' in built && type === 'float8[]') {
    const { nulls } = stored.cells(column);
    return (_, j) => nulls[j] !== 1;
  }
  if ('constant' in built && typeof built.constant !== 'string' && type !== 'text') {
    const [constant, there] = [built.constant ?? Number.NaN, stored.number(column)];
    return (_, j) => !Object.is(constant, there[j]);
  }
  const { codes, labels } = stored.codes(column);
  const textAt = (j: number): string | null => labels[codes[j]] ?? null;
  if ('constant' in built) return (_, j) => built.constant !== textAt(j);
  if ('strings' in built) return (i, j) => built.strings[i] !== textAt(j);
  throw new TypeError(`${column}: rows of this column cannot be compared`);
}

/** Different stored instants are at least a microsecond apart. */
function isSameInstant(here: number, there: number): boolean {
  return Object.is(here, there) || Math.abs(here - there) < 0.0005;
}

function slicesDiffer(built: Extract<FieldData, { slices: Float64Array }>, stored: ArrayCells): Differs {
  const { slices, width, lengths } = built;
  const { values, starts, nulls } = stored;
  return (i, j) => {
    const [length, from, at] = [lengths[i], starts[j], i * width];
    if (nulls[j] !== 0 || starts[j + 1] - from !== length) return true;
    for (let k = 0; k < length; k++) if (!Object.is(slices[at + k], values[from + k])) return true;
    return false;
  };
}
