import { ColumnTable } from '@ta/state-store';
import { kindOf } from '../../src/golden/golden-columns.ts';
import { keyText, Rows, type Cell, type Row } from '../../src/golden/rows.ts';

/** One changed cell. */
export interface Mutation {
  readonly row: number;
  readonly column: string;
}

/** Derivatives are mutated by this part of the EMA beside them, EMAs by this part of themselves: 3 times the tolerance. */
const MUTATION = 3e-12;

/** Some rows of a table, by their indices. */
export function picked(rows: Rows, indices: readonly number[]): Rows {
  const columns = rows.columns.map((column) => {
    const cells = rows.cells(column);
    return [column, indices.map((index) => cells[index])] as const;
  });
  return rowsOf(new Map(columns), indices.length);
}

/** The rows of a table whose keys another one has. */
export function likeRows(rows: Rows, others: Rows, key: readonly string[]): Rows {
  const keysOf = (of: Rows) => Array.from({ length: of.length }, (_, index) => keyText(of.at(index), key));
  const wanted = new Set(keysOf(others));
  return picked(
    rows,
    keysOf(rows).flatMap((text, index) => (wanted.has(text) ? [index] : [])),
  );
}

/** A copy of a table with the given cells changed by the least that must be noticed. */
export function mutated(rows: Rows, mutations: readonly Mutation[]): Rows {
  const columns = new Map(rows.columns.map((column) => [column, Array.from(rows.cells(column))]));
  for (const { row, column } of mutations) (columns.get(column) as Cell[])[row] = changedCell(rows.at(row), column);
  return rowsOf(columns, rows.length);
}

/** A copy without one row. */
export function withoutRow(rows: Rows, row: number): Rows {
  const columns = new Map(rows.columns.map((column) => [column, Array.from(rows.cells(column)).toSpliced(row, 1)]));
  return rowsOf(columns, rows.length - 1);
}

/** A copy with one more row at the end: the given one, one millisecond later. */
export function withExtraRow(rows: Rows, row: number, key: readonly string[]): Rows {
  const instant = key.find((column) => kindOf(column) === 'instant');
  const columns = new Map(
    rows.columns.map((column) => {
      const cells = Array.from(rows.cells(column));
      return [column, [...cells, column === instant ? (cells[row] as number) + 1 : cells[row]]];
    }),
  );
  return rowsOf(columns, rows.length + 1);
}

function changedCell(row: Row, column: string): Cell {
  const cell = row.cell(column);
  const kind = kindOf(column);
  if (kind === 'text') return cell === null ? 'x' : `${cell}x`;
  const value = cell as number;
  switch (kind) {
    case 'flag':
      return 1 - value;
    case 'price':
      return Number.isNaN(value) ? 1 : value === 0 ? Number.MIN_VALUE : value * (1 + Number.EPSILON);
    case 'ema':
      return value * (1 + MUTATION);
    case 'derivative':
      return (Number.isNaN(value) ? 0 : value) + MUTATION * row.number(column.endsWith('_bar') ? 'ema_bar' : 'ema');
    default:
      return Number.isNaN(value) ? 0 : value + 1;
  }
}

function rowsOf(columns: ReadonlyMap<string, readonly Cell[]>, length: number): Rows {
  const decoded = [...columns].map(([column, cells]) => {
    if (kindOf(column) !== 'text') {
      return [column, { kind: 'number' as const, numbers: Float64Array.from(cells as number[]) }] as const;
    }
    const labels = [...new Set(cells.filter((cell) => cell !== null))] as string[];
    const codeOf = new Map<Cell, number>(labels.map((label, code) => [label, code]));
    return [
      column,
      { kind: 'text' as const, codes: Int32Array.from(cells, (cell) => codeOf.get(cell) ?? -1), labels },
    ] as const;
  });
  return new Rows(new ColumnTable(length, new Map<string, (typeof decoded)[number][1]>(decoded)), [...columns.keys()]);
}
