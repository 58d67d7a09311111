import { describe, expect, it } from 'vitest';
import { ema } from './batch.ts';
import { EMA_CONVENTIONS } from './conventions.ts';
import { emas, emaStream } from './emas.ts';

const X = [10, 11, 12, 13, 14, 15];
/** emas.md 5.1: x with two values missing. */
const WITH_GAPS = [10, NaN, 12, 13, 14, NaN, 15];

describe('EMAs of many periods', () => {
  it('one call gives every period, each as ema does', () => {
    const all = emas(X, [2, 3, 9]);
    expect([...all.keys()]).toEqual([2, 3, 9]);
    for (const n of [2, 3, 9]) expect(all.get(n)).toEqual(ema(X, n));
  });

  it('close by close is bit for bit the same', () => {
    const x = Array.from({ length: 200 }, (_, i) => 100 + 10 * Math.sin(i) + i / 7);
    for (const options of Object.values(EMA_CONVENTIONS)) {
      const all = emas(x, [3, 21], options);
      const stream = emaStream([3, 21], options);
      x.forEach((close, i) => {
        const [short, long] = stream.next(close);
        expect(Object.is(short, all.get(3)?.[i]) && Object.is(long, all.get(21)?.[i])).toBe(true);
      });
    }
  });

  it('no period and a period twice are refused', () => {
    for (const periods of [[], [3, 3]]) {
      expect(() => emas(X, periods)).toThrow(expect.objectContaining({ code: 'EMA_BAD_PERIOD' }));
      expect(() => emaStream(periods)).toThrow(expect.objectContaining({ code: 'EMA_BAD_PERIOD' }));
    }
  });
});

describe('conventions of other programs', () => {
  const expectClose = (actual: Float64Array, expected: readonly number[]) => {
    expect(Array.from(actual, (value) => value.toFixed(6))).toEqual(expected.map((value) => value.toFixed(6)));
  };

  // numbers of pandas 2 in emas.md 5.1
  it('pandas: ewm(span=3, adjust=False).mean(), with values missing too', () => {
    expectClose(ema(X, 3, EMA_CONVENTIONS.pandas), [10, 10.5, 11.25, 12.125, 13.0625, 14.03125]);
    const gaps = [10, 10, 11.333333, 12.166667, 13.083333, 13.083333, 14.361111];
    expectClose(ema(WITH_GAPS, 3, EMA_CONVENTIONS.pandas), gaps);
  });

  it('pandasAdjusted: ewm(span=3).mean()', () => {
    expectClose(ema(X, 3, EMA_CONVENTIONS.pandasAdjusted), [10, 10.666667, 11.428571, 12.266667, 13.16129, 14.095238]);
  });

  it('taLib: the mean first, and everything after a NaN is NaN', () => {
    expectClose(ema(X, 3, EMA_CONVENTIONS.taLib), [NaN, NaN, 11, 12, 13, 14]);
    expectClose(ema([10, 11, 12, NaN, 14, 15], 3, EMA_CONVENTIONS.taLib), [NaN, NaN, 11, NaN, NaN, NaN]);
  });

  it('ta: the mean first, and a gap repeats the value', () => {
    expectClose(ema([10, 11, 12, NaN, 14, 15], 3, EMA_CONVENTIONS.ta), [NaN, NaN, 11, 11, 12.5, 13.75]);
  });
});
