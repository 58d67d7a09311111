import { describe, expect, it } from 'vitest';
import { expectRows } from '../../test/expect-rows.ts';
import { multiTf } from './multi-tf.ts';

// docs/emas.md#worked-examples: daily closes from 2024-01-01, so row 0 is 01-01
const X = [100, 102, 101, 105, 107, 106, 110, 108, 111, 115, 114, 116];
const CLOSES = [2, 5, 8, 11];

describe('multi_tf', () => {
  it('3D of period 2 is the table of the specification', () => {
    const rows = multiTf({ x: X, closeIndex: CLOSES, closePx: [101, 106, 111, 116], periods: [2], T: 3 });
    expect([...rows.row]).toEqual([5, 6, 7, 8, 9, 10, 11]);
    expectRows(rows, [
      { row: 5, roll: 0, ema: 103.5, d1Roll: null, d2Roll: null, d1: null, d2: null },
      { row: 6, roll: 1, ema: 107.833333333, d1Roll: 4.333333333, d2Roll: null, d1: null, d2: null },
      { row: 7, roll: 1, ema: 106.5, d1Roll: -1.333333333, d2Roll: -5.666666667, d1: null, d2: null },
      { row: 8, roll: 0, ema: 108.5, d1Roll: 2, d2Roll: 3.333333333, d1: 5, d2: null },
      { row: 9, roll: 1, ema: 112.833333333, d1Roll: 4.333333333, d2Roll: 2.333333333, d1: null, d2: null },
      { row: 10, roll: 1, ema: 112.166666667, d1Roll: -0.666666667, d2Roll: -5, d1: null, d2: null },
      { row: 11, roll: 0, ema: 113.5, d1Roll: 1.333333333, d2Roll: 2, d1: 5, d2: 0 },
    ]);
    expect(rows.report).toEqual({ nonFinite: [], violations: [], closeMismatches: [] });
  });

  it('1D of period 3 has no previews', () => {
    const rows = multiTf({ x: X, closeIndex: X.map((_, i) => i), closePx: X, periods: [3] });
    expect([...rows.row]).toEqual([2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    expect([...rows.roll].every((roll) => roll === 0)).toBe(true);
    const expected: [number, number][] = [
      [2, 101],
      [3, 103],
      [4, 105],
      [5, 105.5],
      [6, 107.75],
      [7, 107.875],
      [8, 109.4375],
      [11, 114.5546875],
    ];
    expectRows(
      rows,
      expected.map(([row, ema]) => ({ row, roll: 0, ema })),
    );
    expect([...rows.d1]).toEqual([...rows.d1Roll]);
    expect([...rows.d2]).toEqual([...rows.d2Roll]);
  });

  it('interleaves its periods in key order and leaves out those without enough bars', () => {
    const rows = multiTf({ x: X, closeIndex: CLOSES, closePx: [101, 106, 111, 116], periods: [2, 4, 9] });
    expect([...rows.row]).toEqual([5, 6, 7, 8, 9, 10, 11, 11]);
    expect([...rows.period]).toEqual([2, 2, 2, 2, 2, 2, 2, 4]);
    expect(rows.ema[7]).toBe((101 + 106 + 111 + 116) / 4);
  });

  it('goes on from the state of an earlier chunk and leaves that state alone', () => {
    const head = multiTf({ x: X.slice(0, 7), closeIndex: [2, 5], closePx: [101, 106], periods: [2] });
    const seen = head.state.rowsSeen;
    const tail = { x: X.slice(7), closeIndex: [1, 4], closePx: [111, 116], periods: [2], state: head.state };
    const rows = multiTf(tail);
    expectRows(rows, [
      { row: 0, roll: 1, ema: 106.5, d1Roll: -1.333333333, d2Roll: -5.666666667 },
      { row: 1, roll: 0, ema: 108.5, d1: 5, d2: null },
      { row: 4, roll: 0, ema: 113.5, d1: 5, d2: 0 },
    ]);
    expect(head.state.rowsSeen).toBe(seen);
    expect(multiTf(tail)).toEqual(rows);
  });

  it('refuses the state of another series', () => {
    const { state } = multiTf({ x: X, closeIndex: CLOSES, closePx: [101, 106, 111, 116], periods: [2], T: 3 });
    const input = { x: X, closeIndex: CLOSES, closePx: [101, 106, 111, 116], periods: [2], state };
    expect(() => multiTf({ ...input, T: 4 })).toThrow(expect.objectContaining({ code: 'EMA_BAD_STATE' }));
    expect(() => multiTf({ ...input, T: 3, periods: [2, 3] })).toThrow(
      expect.objectContaining({ code: 'EMA_BAD_STATE' }),
    );
  });

  it('refuses positions of closes that are not ascending rows, and closes without a price', () => {
    const input = { x: X, closePx: [101, 106], periods: [2] };
    for (const closeIndex of [
      [5, 5],
      [5, 2],
      [-1, 2],
      [2, 12],
      [2, 5.5],
    ]) {
      expect(() => multiTf({ ...input, closeIndex })).toThrow(expect.objectContaining({ code: 'EMA_BAD_INPUT' }));
    }
    expect(() => multiTf({ ...input, closeIndex: [2] })).toThrow(expect.objectContaining({ code: 'EMA_BAD_INPUT' }));
  });
});
