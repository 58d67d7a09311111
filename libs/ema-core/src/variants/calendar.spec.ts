import { describe, expect, it } from 'vitest';
import { expectRows } from '../../test/expect-rows.ts';
import { alphaDailyEquivalent } from '../alpha.ts';
import { calendar } from './calendar.ts';

// docs/emas.md: daily closes from Wed 2024-01-03, so row 0 is 01-03; weeks end on Sundays, the first full one on 01-14
const X = [
  100, 101, 103, 102, 104, 106, 105, 107, 109, 108, 110, 112, 111, 113, 115, 114, 113, 116, 118, 117, 119, 121, 120,
  122, 124, 123,
];
const BARS = { x: X, closeIndex: [11, 18, 25], closePx: [112, 118, 123], periods: [2], T: 7 };

describe('cal', () => {
  it('1W_CAL_ISO of period 2 is the table of the specification', () => {
    const rows = calendar(BARS);
    expect([...rows.row]).toEqual([18, 19, 20, 21, 22, 23, 24, 25]);
    const first = { d1Roll: null, d2Roll: null, d1: null, d2: null, d1RollBar: null, d2RollBar: null, d1Bar: null };
    expectRows(rows, [
      { row: 18, roll: 0, ema: 115, emaBar: 115, d2Bar: null, ...first },
      { row: 19, roll: 1, ema: 115.266666667, d1Roll: 0.266666667, d2Roll: null, emaBar: 115.266666667, d1Bar: null },
      { row: 20, roll: 1, ema: 115.764444444, d1Roll: 0.497777778, d2Roll: 0.231111111, emaBar: 115.764444444 },
      { row: 24, roll: 1, ema: 118.461675, d1Roll: 0.85205, d2Roll: 0.176608, emaBar: 118.461675, d1RollBar: 0.85205 },
      { row: 25, roll: 0, ema: 119.066785, d1Roll: 0.60511, d2Roll: -0.24694, d1: 4.066785, d2: null },
      {
        row: 25,
        roll: 0,
        ema: 119.066785,
        emaBar: 120.333333333,
        d1RollBar: 1.871658,
        d1Bar: 5.333333333,
        d2Bar: null,
      },
    ]);
  });

  it('both series are equal until the second close after the seed', () => {
    const rows = calendar(BARS);
    expect([...rows.ema.subarray(0, 7)]).toEqual([...rows.emaBar.subarray(0, 7)]);
    expect(rows.ema[7]).not.toBe(rows.emaBar[7]);
  });

  it('other preview policies change ema_bar between closes and nothing else', () => {
    const family = calendar(BARS);
    const equivalent = calendar({ ...BARS, previewPolicy: 'chained_daily_equivalent' });
    const memoryless = calendar({ ...BARS, previewPolicy: 'memoryless_bar' });
    const alpha = alphaDailyEquivalent(2, 7);
    expect(equivalent.emaBar[1]).toBe(alpha * 117 + (1 - alpha) * 115);
    expect(memoryless.emaBar[2]).toBe((2 / 3) * 119 + (1 - 2 / 3) * 115);
    for (const other of [equivalent, memoryless]) {
      expect([...other.ema]).toEqual([...family.ema]);
      expect([...other.d1Bar]).toEqual([...family.d1Bar]);
    }
    expect(calendar({ ...BARS, previewPolicy: 'chained_daily_space' }).emaBar).toEqual(family.emaBar);
  });

  it('goes on from the state of an earlier chunk', () => {
    const whole = calendar(BARS);
    const head = calendar({ ...BARS, x: X.slice(0, 20), closeIndex: [11, 18], closePx: [112, 118] });
    const tail = calendar({ ...BARS, x: X.slice(20), closeIndex: [5], closePx: [123], state: head.state });
    for (const column of ['ema', 'd1', 'd1Roll', 'd2Roll', 'emaBar', 'd1Bar', 'd1RollBar', 'd2RollBar'] as const) {
      expect([...head[column], ...tail[column]]).toEqual([...whole[column]]);
    }
  });
});
