import { describe, expect, it } from 'vitest';
import { expectRows } from '../../test/expect-rows.ts';
import { anchored } from './anchored.ts';

// docs/emas.md#worked-examples: daily closes from Wed 2024-01-03, so row 0 is 01-03; the first bar is the partial week 3–7
const X = [
  100, 101, 103, 102, 104, 106, 105, 107, 109, 108, 110, 112, 111, 113, 115, 114, 113, 116, 118, 117, 119, 121, 120,
  122, 124, 123,
];
const BARS = { x: X, closeIndex: [4, 11, 18, 25], closePx: [104, 112, 118, 123], periods: [2] };

describe('cal_anchor', () => {
  it('1W_CAL_ANCHOR_ISO of period 2 is the table of the specification', () => {
    const rows = anchored({ ...BARS, T: 7 });
    expectRows(rows, [
      { row: 11, roll: 0, ema: 108, emaBar: 108, d1: null, d2: null, d1Bar: null, d2Bar: null },
      { row: 12, roll: 1, ema: 108.435746, emaBar: 108.435746, d1: null, d2: null },
      { row: 17, roll: 1, ema: 111.640852, emaBar: 111.640852, d1: null, d2: null },
      {
        row: 18,
        roll: 0,
        ema: 112.564509,
        emaBar: 114.666666667,
        d1: 4.564509,
        d2: null,
        d1Bar: 6.666666667,
        d2Bar: null,
      },
      { row: 19, roll: 1, ema: 113.208758, emaBar: 115.00558, d1: null, d1Bar: null },
      { row: 25, roll: 0, ema: 118.507422, emaBar: 120.222222222, d1: 5.942913, d2: 1.378404, d1Bar: 5.555555556 },
      { row: 25, roll: 0, ema: 118.507422, d2Bar: -1.111111111 },
    ]);
  });

  it('has no rows before the first value', () => {
    // no row has an EMA that is NULL
    const rows = anchored({ ...BARS, T: 7 });
    expect(rows.row[0]).toBe(11);
    expect(rows.count).toBe(15);
  });

  it('over one day is the plain EMA that the reference stores', () => {
    // docs/emas.md#worked-examples
    const rows = anchored({ ...BARS, T: 1 });
    expectRows(rows, [
      { row: 12, roll: 1, ema: 110 },
      { row: 13, roll: 1, ema: 112 },
      { row: 14, roll: 1, ema: 114 },
      { row: 15, roll: 1, ema: 114 },
    ]);
  });
});
