import { describe, expect, it } from 'vitest';
import { ema, emaBatch } from './batch.ts';
import { emaLookback } from './kernel.ts';

const X = [10, 11, 12, 13, 14, 15];
const WITH_GAPS = [10, NaN, 12, 13, 14, NaN, 15];

describe('EMA over a whole series', () => {
  // docs/emas.md#kernel
  it('starts with the mean of n inputs at index n−1', () => {
    expect([...ema(X, 3)]).toEqual([NaN, NaN, 11, 12, 13, 14]);
  });

  it('takes a shorter seed with minPeriods', () => {
    expect([...ema(X, 3, { minPeriods: 1 })]).toEqual([10, 10.5, 11.25, 12.125, 13.0625, 14.03125]);
    expect([...ema(X, 3, { minPeriods: 2 })]).toEqual([NaN, 10.5, 11.25, 12.125, 13.0625, 14.03125]);
  });

  it('of period 1 is its input', () => {
    expect([...ema([5, 6, 7], 1)]).toEqual([5, 6, 7]);
  });

  it('has no value when there are fewer inputs than the seed needs', () => {
    expect([...ema([1, 2], 3)]).toEqual([NaN, NaN]);
    expect([...ema([], 3)]).toEqual([]);
  });

  it('waits for n inputs in a row and carries its value over later gaps', () => {
    expect([...ema(WITH_GAPS, 3)]).toEqual([NaN, NaN, NaN, NaN, 13, 13, 14]);
  });

  it('stays infinite after an infinite input', () => {
    expect([...ema([1, 2, Infinity, 4, 5], 2)]).toEqual([NaN, 1.5, Infinity, Infinity, Infinity]);
  });

  it('masks, refuses or propagates NaN inputs when asked to', () => {
    expect([...ema(WITH_GAPS, 3, { nan: 'mask' })]).toEqual([NaN, NaN, NaN, NaN, 13, NaN, 14]);
    expect([...ema([1, 2, NaN, 4], 2, { nan: 'propagate' })]).toEqual([NaN, 1.5, NaN, NaN]);
    expect([...ema([NaN, 2, 3, 4], 2, { nan: 'propagate' })]).toEqual([NaN, NaN, 2.5, 3.5]);
    expect(() => ema(WITH_GAPS, 3, { nan: 'throw' })).toThrow(
      expect.objectContaining({ code: 'EMA_NAN_INPUT', context: { index: 1 } }),
    );
  });

  it('continues from a given value', () => {
    expect([...ema([13, 14], 3, { seed: { value: 11 } })]).toEqual([12, 13]);
  });

  // docs/emas.md#kernel
  it('equals pandas ewm(adjust=False)', () => {
    const first = { seed: 'first', minPeriods: 1 } as const;
    expect([...ema(X, 3, first)]).toEqual([10, 10.5, 11.25, 12.125, 13.0625, 14.03125]);
    expect([...ema(X, 3, { seed: 'first' })]).toEqual([NaN, NaN, 11.25, 12.125, 13.0625, 14.03125]);
    expectClose(
      ema(WITH_GAPS, 3, { ...first, ignoreNa: false }),
      [10, 10, 11.333333, 12.166667, 13.083333, 13.083333, 14.361111],
    );
    expect([...ema(WITH_GAPS, 3, { ...first, ignoreNa: true })]).toEqual([10, 10, 11, 12, 13, 13, 14]);
  });

  it('equals pandas ewm(adjust=True)', () => {
    expectClose(ema(X, 3, { adjust: true, minPeriods: 1 }), [10, 10.666667, 11.428571, 12.266667, 13.16129, 14.095238]);
  });

  it('decays the weighted past over a gap unless told not to', () => {
    // by hand, α = 1/2: (¼·10 + 12)/(¼ + 1) and (½·10 + 12)/(½ + 1)
    expectClose(ema([10, NaN, 12], 3, { adjust: true, minPeriods: 1, ignoreNa: false }), [10, 10, 14.5 / 1.25]);
    expectClose(ema([10, NaN, 12], 3, { adjust: true, minPeriods: 1 }), [10, 10, 17 / 1.5]);
  });

  it('lays several periods out one after the other', () => {
    const { values, firstValid } = emaBatch(X, [{ n: 3 }, { n: 1 }, { n: 9 }]);
    expect([...values.subarray(0, 6)]).toEqual([NaN, NaN, 11, 12, 13, 14]);
    expect([...values.subarray(6, 12)]).toEqual(X);
    expect([...values.subarray(12)]).toEqual([NaN, NaN, NaN, NaN, NaN, NaN]);
    expect([...firstValid]).toEqual([2, 0, -1]);
  });

  it('takes its own factor and seed length per period', () => {
    // docs/emas.md#worked-examples: H = 4, α = 0.4
    const x = [100, 102, 101, 105, 107, 106];
    const { values } = emaBatch(x, [{ n: 2, alpha: 0.4, warmup: 4 }]);
    expectClose(values, [NaN, NaN, NaN, 102, 104, 104.8]);
  });

  it('writes into a given column', () => {
    const out = new Float64Array(8).fill(-1);
    expect(emaBatch(X, [{ n: 3 }], {}, out).values).toBe(out);
    expect([...out]).toEqual([NaN, NaN, 11, 12, 13, 14, -1, -1]);
    expect(() => emaBatch(X, [{ n: 3 }], {}, new Float64Array(5))).toThrow(
      expect.objectContaining({ code: 'EMA_BAD_INPUT' }),
    );
  });

  it('the lookback is one less than the seed', () => {
    expect(emaLookback(10)).toBe(9);
    expect(emaLookback(10, 1)).toBe(0);
    for (const args of [[0], [2.5], [NaN, 3], [-4, 3], [3, 0]] as [number, number?][]) {
      expect(() => emaLookback(...args)).toThrow(expect.objectContaining({ code: 'EMA_BAD_PERIOD' }));
    }
  });

  it.each([
    [{ n: 0 }, {}, 'EMA_BAD_PERIOD'],
    [{ n: 2.5 }, {}, 'EMA_BAD_PERIOD'],
    [{ n: 3, warmup: 0 }, {}, 'EMA_BAD_PERIOD'],
    [{ n: 3 }, { minPeriods: 0 }, 'EMA_BAD_PERIOD'],
    [{ n: 3, alpha: 0 }, {}, 'EMA_BAD_ALPHA'],
    [{ n: 3, alpha: 1.1 }, {}, 'EMA_BAD_ALPHA'],
    [{ n: 3 }, { adjust: true, seed: 'sma' as const }, 'EMA_BAD_OPTION'],
    [{ n: 3 }, { seed: { value: NaN } }, 'EMA_BAD_OPTION'],
    [{ n: 3 }, { seed: 'last' as never }, 'EMA_BAD_OPTION'],
    [{ n: 3 }, { nan: 'drop' as never }, 'EMA_BAD_OPTION'],
  ])('%j with %j is refused', (spec, options, code) => {
    expect(() => emaBatch(X, [spec], options)).toThrow(expect.objectContaining({ code }));
  });
});

function expectClose(actual: Float64Array, expected: number[]): void {
  expect(actual.length).toBe(expected.length);
  expected.forEach((value, i) => {
    if (Number.isNaN(value)) expect(actual[i]).toBeNaN();
    else expect(actual[i]).toBeCloseTo(value, 6);
  });
}
