import { describe, expect, it } from 'vitest';
import { MAX_TIMESTAMPS, SeenRows } from './seen-rows.ts';
import { CELL, NUMBER_COLUMNS } from './source-batch.ts';

function rowAt(ts: number, close: number) {
  const cells = new Float64Array(NUMBER_COLUMNS.length).fill(Number.NaN);
  cells[CELL.ts] = ts;
  cells[CELL.close] = close;
  return cells;
}

describe('SeenRows', () => {
  it('tells new, equal and different rows of a timestamp apart, and names the first line', () => {
    const seen = new SeenRows();
    expect(seen.note(rowAt(1000, 5), 2)).toBe(0);
    expect(seen.note(rowAt(1001, 5), 3)).toBe(0);
    expect(seen.note(rowAt(1000, 5), 4)).toBe(-2);
    expect(seen.note(rowAt(1000, 6), 5)).toBe(2);
    expect(seen.note(rowAt(1000, Number.NaN), 6)).toBe(2);
  });

  it('takes the two zeros for equal and microseconds for different', () => {
    const seen = new SeenRows();
    expect(seen.note(rowAt(1000, 0), 2)).toBe(0);
    expect(seen.note(rowAt(1000, -0), 3)).toBe(-2);
    expect(seen.note(rowAt(1000.001, 0), 4)).toBe(0);
  });

  it('remembers every timestamp up to its limit and then says that the file is not daily', () => {
    const seen = new SeenRows();
    const cells = rowAt(0, 1);
    const day = (at: number): number => 86_400_000 * (at + 1);
    for (let at = 0; at < MAX_TIMESTAMPS; at++) {
      cells[CELL.ts] = day(at);
      if (seen.note(cells, at + 2) !== 0) throw new Error(`row ${at} was taken for a known one`);
    }
    for (let at = 0; at < MAX_TIMESTAMPS; at += 997) {
      cells[CELL.ts] = day(at);
      expect(seen.note(cells, 1)).toBe(-(at + 2));
    }
    cells[CELL.ts] = day(MAX_TIMESTAMPS);
    expect(() => seen.note(cells, 9)).toThrow(/200001th different timestamp/);
  });
});
