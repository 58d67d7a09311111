import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { priceBounds } from './price-bounds.ts';

const DAY_MS = 86_400_000;

describe('bounds of prices', () => {
  it('are lowest and highest of the rows of the window, for any window', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.record({
            gapDays: fc.integer({ min: 1, max: 4 }),
            close: fc.double({ min: 0.01, max: 1e6, noNaN: true }),
          }),
          {
            minLength: 1,
            maxLength: 80,
          },
        ),
        fc.integer({ min: 0, max: 200 }),
        fc.nat(),
        (days, window, at) => {
          let day = 19_000;
          const ts = Float64Array.from(days, ({ gapDays }) => (day += gapDays) * DAY_MS);
          const close = Float64Array.from(days, (row) => row.close);
          const row = at % days.length;
          const inside = [...close].filter((_, i) => i <= row && ts[i] >= ts[row] - window * DAY_MS);
          const bounds = priceBounds(ts, close);
          const [lo, hi] = [Math.min(...inside), Math.max(...inside)];
          expect(bounds.of(row, window)).toStrictEqual({ lo, hi });
          for (const value of [lo * 0.49, lo * 0.5, hi * 2, hi * 2.01]) {
            expect(bounds.isOutside(value, row, window)).toBe(value < 0.5 * lo || value > 2 * hi);
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  it('are all closes up to the row also where one was exactly 0', () => {
    const ts = Float64Array.of(0, DAY_MS, 200 * DAY_MS, 201 * DAY_MS);
    const bounds = priceBounds(ts, Float64Array.of(20, 0, 5, 6));
    expect(bounds.of(3, 90)).toStrictEqual({ lo: 0, hi: 20 });
    expect([1, 5, 20].map((value) => bounds.isOutside(value, 3, 90))).toStrictEqual([false, false, false]);
  });

  // what holds for every EMA, whatever the window leaves out
  it('are all closes up to the row once one was at or below 0', () => {
    const ts = Float64Array.of(0, DAY_MS, 200 * DAY_MS, 201 * DAY_MS);
    const bounds = priceBounds(ts, Float64Array.of(20, -37, 5, 6));
    expect(bounds.of(3, 90)).toStrictEqual({ lo: -37, hi: 20 });
    expect([-37, -36, 0, 20].map((value) => bounds.isOutside(value, 3, 90))).toStrictEqual([
      false,
      false,
      false,
      false,
    ]);
    expect([-37.1, 20.1].map((value) => bounds.isOutside(value, 3, 90))).toStrictEqual([true, true]);
    expect(bounds.isOutside(9, 0, 90)).toBe(true);
  });

  it('pass over a close that is not known', () => {
    const ts = Float64Array.of(0, DAY_MS, 2 * DAY_MS);
    expect(priceBounds(ts, Float64Array.of(5, NaN, 7)).of(2, 90)).toStrictEqual({ lo: 5, hi: 7 });
  });
});
