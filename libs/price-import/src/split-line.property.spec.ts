import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { splitLine } from './split-line.ts';

const RUNS = { numRuns: 2_000 };
const quoted = (cell: string): string => `"${cell.replaceAll('"', '""')}"`;
const rows = (alphabet: string) =>
  fc.array(fc.string({ unit: fc.constantFrom(...alphabet), maxLength: 8 }), { minLength: 1, maxLength: 6 });

describe('splitLine laws', () => {
  it('gives back the cells of any line written with every cell quoted, outer blanks removed', () => {
    fc.assert(
      fc.property(rows('ab1. ,;"\r\t'), fc.constantFrom(',', ';'), (row, delimiter) => {
        expect(splitLine(row.map(quoted).join(delimiter), delimiter)).toEqual(row.map((cell) => cell.trim()));
      }),
      RUNS,
    );
  });

  it('cuts a line the same with and without quotes where they are not needed', () => {
    fc.assert(
      fc.property(rows('ab1. -:+E'), fc.nat(5), (row, at) => {
        const mixed = row.map((cell, n) => (n === at ? quoted(cell) : cell));
        expect(splitLine(mixed.join(','), ',')).toEqual(splitLine(row.join(','), ','));
      }),
      RUNS,
    );
  });

  it('never throws', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'a1,;"" \r\u0000\ufeff'), maxLength: 20 }), (line) => {
        const fields = splitLine(line, ',');
        expect(typeof fields === 'string' || fields.length >= 1).toBe(true);
      }),
      RUNS,
    );
  });
});
