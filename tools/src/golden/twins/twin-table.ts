import { ColumnTable } from '@ta/state-store';
import { kindOf } from '../golden-columns.ts';
import { Rows, type Cell } from '../rows.ts';

/** Makes a table of records, which must all have the same columns. */
export function tableOf(rows: readonly Readonly<Record<string, Cell>>[]): Rows {
  const columns = Object.keys(rows[0] ?? {});
  return new Rows(new ColumnTable(rows.length, new Map(columns.map((name) => [name, columnOf(rows, name)]))), columns);
}

function columnOf(rows: readonly Readonly<Record<string, Cell>>[], column: string) {
  if (kindOf(column) !== 'text') {
    return { kind: 'number' as const, numbers: Float64Array.from(rows, (row) => row[column] as number) };
  }
  const labels = [...new Set(rows.map((row) => row[column] as string | null).filter((label) => label !== null))];
  const codeOf = new Map<Cell, number>(labels.map((label, code) => [label, code]));
  return { kind: 'text' as const, codes: Int32Array.from(rows, (row) => codeOf.get(row[column]) ?? -1), labels };
}
