import { describe, expect, it } from 'vitest';
import { ColumnTable, type DecodedColumn } from '../copy/column-table.ts';
import type { FieldData } from '../copy/field-data.ts';
import type { CopyField } from '../copy/layout.ts';
import { differsIn, diffRows } from './row-diff.ts';

const field = (type: CopyField['type']): CopyField => ({ column: 'c', type, nullable: true });
const numbers = (...values: number[]): DecodedColumn => ({ kind: 'number', numbers: Float64Array.from(values) });
const tableOf = (column: DecodedColumn, length: number) => new ColumnTable(length, new Map([['c', column]]));
const differs = (type: CopyField['type'], built: FieldData, column: DecodedColumn) =>
  differsIn(field(type), { c: built }, tableOf(column, 1))(0, 0);

describe('a built cell and a stored one', () => {
  it.each<[string, CopyField['type'], FieldData, DecodedColumn]>([
    ['numbers', 'float8', { numbers: Float64Array.of(0.1) }, numbers(0.1)],
    ['numbers that nobody knows', 'float8', { numbers: Float64Array.of(NaN) }, numbers(NaN)],
    ['days that nobody knows', 'date', { numbers: Int32Array.of(-9), nullIf: -9 }, numbers(NaN)],
    ['constants', 'int4', { constant: 0 }, numbers(0)],
    ['instants', 'timestamptz', { numbers: Float64Array.of(1e12 + 0.999 + 1) }, numbers(1e12 + 1.999)],
    ['texts', 'text', { strings: ['a'] }, { kind: 'text', codes: Int32Array.of(1), labels: ['b', 'a'] }],
    ['missing texts', 'text', { strings: [null] }, { kind: 'text', codes: Int32Array.of(-1), labels: [] }],
    ['arrays', 'float8[]', slices([1, 2, 9], 2), arrays([1, 2])],
    ['missing arrays', 'float8[]', { constant: null }, { ...arrays([]), nulls: Uint8Array.of(1) } as DecodedColumn],
  ])('are the same: %s', (_, type, built, column) => {
    expect(differs(type, built, column)).toBe(false);
  });

  it.each<[string, CopyField['type'], FieldData, DecodedColumn]>([
    ['the last bit', 'float8', { numbers: Float64Array.of(0.1 + 0.2) }, numbers(0.3)],
    ['the sign of zero', 'float8', { numbers: Float64Array.of(-0) }, numbers(0)],
    ['what is known', 'float8', { numbers: Float64Array.of(1) }, numbers(NaN)],
    ['a microsecond', 'timestamptz', { numbers: Float64Array.of(1e12) }, numbers(1e12 + 0.001)],
    ['a constant', 'int4', { constant: 0 }, numbers(1)],
    ['a text', 'text', { strings: ['a'] }, { kind: 'text', codes: Int32Array.of(-1), labels: [] }],
    ['a value of an array', 'float8[]', slices([1, 2], 2), arrays([1, 3])],
    ['the length of an array', 'float8[]', slices([1, 2], 2), arrays([1])],
    ['values that an array no longer has', 'float8[]', slices([1, 2], 1), arrays([1, 2])],
    [
      'an array that is missing',
      'float8[]',
      slices([1], 1),
      { ...arrays([]), nulls: Uint8Array.of(1) } as DecodedColumn,
    ],
    ['an array that should be missing', 'float8[]', { constant: null }, arrays([1])],
  ])('differ in %s', (_, type, built, column) => {
    expect(differs(type, built, column)).toBe(true);
  });
});

describe('rows to write and to remove', () => {
  it('are those that differ, those that are only built, and those that are only stored', () => {
    const built = { c: { numbers: Float64Array.of(1, 2, 3, 4) } };
    const stored = tableOf(numbers(8, 3, 9, 1), 4);
    const diff = diffRows([field('float8')], built, Int32Array.of(0, 1, 2, 3), stored, Int32Array.of(1, 2, -1, 0));
    expect([...diff.write]).toEqual([1, 3]);
    expect([...diff.stale]).toEqual([0, 2]);
  });
});

function slices(values: number[], length: number): FieldData {
  return { slices: Float64Array.from(values), width: values.length, lengths: Int32Array.of(length) };
}

function arrays(values: number[]): DecodedColumn {
  const starts = Int32Array.of(0, values.length);
  return { kind: 'array', values: Float64Array.from(values), starts, nulls: Uint8Array.of(0) };
}
