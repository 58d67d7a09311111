import { describe, expect, it } from 'vitest';
import { expectRows } from '../../test/expect-rows.ts';
import { dailySpace } from './daily-space.ts';

// docs/emas.md#worked-examples: daily closes from 2024-01-01, so row 0 is 01-01
const X = [100, 102, 101, 105, 107, 106, 110, 108, 111, 115, 114, 116];

describe('v2', () => {
  it('2D of period 2 is the table of the specification', () => {
    const rows = dailySpace({ x: X, T: 2, periods: [2], minObsMultiplier: 3 });
    expect([...rows.row]).toEqual([3, 4, 5, 6, 7, 8, 9, 10, 11]);
    expectRows(rows, [
      { row: 3, roll: 0, ema: 102, d1Roll: null, d2Roll: null, d1: null, d2: null },
      { row: 4, roll: 1, ema: 104, d1Roll: 2, d2Roll: null, d1: null, d2: null },
      { row: 5, roll: 0, ema: 104.8, d1Roll: 0.8, d2Roll: -1.2, d1: 2.8, d2: null },
      { row: 6, roll: 1, ema: 106.88, d1Roll: 2.08, d2Roll: 1.28, d1: null, d2: null },
      { row: 7, roll: 0, ema: 107.328, d1Roll: 0.448, d2Roll: -1.632, d1: 2.528, d2: -0.272 },
      { row: 8, roll: 1, ema: 108.7968, d1Roll: 1.4688, d2Roll: 1.0208, d1: null, d2: null },
      { row: 9, roll: 0, ema: 111.27808, d1Roll: 2.48128, d2Roll: 1.01248, d1: 3.95008, d2: 1.42208 },
      { row: 11, roll: 0, ema: 113.8201088, d1Roll: 1.4532608, d2Roll: 0.3644928, d1: 2.5420288, d2: -1.4080512 },
    ]);
  });

  it('with the gate of the reference gives nothing until there is three times the horizon', () => {
    // docs/emas.md#worked-examples: 11 rows are 5 bars, fewer than 3·2
    expect(dailySpace({ x: X.slice(0, 11), T: 2, periods: [2], minObsMultiplier: 3 }).count).toBe(0);
    expect(dailySpace({ x: X.slice(0, 11), T: 2, periods: [2] }).count).toBe(8);
    const both = dailySpace({ x: X, T: 2, periods: [2, 3], minObsMultiplier: 3 });
    expect(new Set(both.period)).toEqual(new Set([2]));
  });

  it('takes the canonical rows from the number since inception', () => {
    // the second day is number 2, whatever was loaded before it
    const rows = dailySpace({ x: X.slice(1), T: 2, periods: [2], startSeq: 2 });
    expect([...rows.row]).toEqual([3, 4, 5, 6, 7, 8, 9, 10]);
    expect([...rows.roll]).toEqual([1, 0, 1, 0, 1, 0, 1, 0]);
    expect(rows.d1[0]).toBeNaN();
    expect(rows.d1[1]).toBeNaN();
    expect(rows.d1[3]).toBe(rows.ema[3] - rows.ema[1]);
  });

  it('1D of period 1 repeats the closes', () => {
    const rows = dailySpace({ x: X, T: 1, periods: [1] });
    expect([...rows.ema]).toEqual(X);
  });

  it('goes on from the state of an earlier chunk', () => {
    const whole = dailySpace({ x: X, T: 2, periods: [1, 2] });
    const head = dailySpace({ x: X.slice(0, 5), T: 2, periods: [1, 2] });
    const tail = dailySpace({ x: X.slice(5), T: 2, periods: [1, 2], startSeq: 6, state: head.state });
    expect([...head.d2, ...tail.d2]).toEqual([...whole.d2]);
    expect([...head.ema, ...tail.ema]).toEqual([...whole.ema]);
    expect([...head.roll, ...tail.roll]).toEqual([...whole.roll]);
  });

  it('carries its value over a NaN close', () => {
    const rows = dailySpace({ x: [1, 2, NaN, 4], T: 1, periods: [2] });
    expect([...rows.ema]).toEqual([1.5, 1.5, (2 / 3) * 4 + (1 - 2 / 3) * 1.5]);
    expect(rows.report.nonFinite).toEqual([]);
  });

  it('refuses a row number below 1 and a gate together with a state', () => {
    expect(() => dailySpace({ x: X, T: 2, periods: [2], startSeq: 0 })).toThrow(
      expect.objectContaining({ code: 'EMA_BAD_OPTION' }),
    );
    const { state } = dailySpace({ x: X, T: 2, periods: [2] });
    expect(() => dailySpace({ x: X, T: 2, periods: [2], minObsMultiplier: 3, state })).toThrow(
      expect.objectContaining({ code: 'EMA_BAD_OPTION' }),
    );
  });
});
