import { describe, expect, it } from 'vitest';
import { BOUNDS_CODE, emaBounds, expandingBounds, rollingSigmaBounds, validateBounds } from './bounds.ts';

describe('bounds', () => {
  // emas.md 5.8
  const V = [100, NaN, Infinity, -5, 10, 500, 45, 130];

  it('give the first failing check of each value', () => {
    const { ok, nan, infinity, negative, outOfPriceBounds, outOfStatisticalBounds } = BOUNDS_CODE;
    expect([...validateBounds(V, 40, 300, { statistical: { lo: 70, hi: 130 } })]).toEqual([
      ok,
      nan,
      infinity,
      negative,
      outOfPriceBounds,
      outOfPriceBounds,
      outOfStatisticalBounds,
      ok,
    ]);
  });

  it('without bounds find only NaN, infinite and negative values', () => {
    expect([...validateBounds(V, NaN, NaN)]).toEqual([0, 1, 2, 3, 0, 0, 0, 0]);
  });

  it('are inclusive, and zero is not negative', () => {
    expect([...validateBounds([40, 300, 0, -0], 0, 300)]).toEqual([0, 0, 0, 0]);
    expect([...validateBounds([39.9, 300.1], 40, 300)]).toEqual([4, 4]);
  });

  it('can differ from value to value', () => {
    const lo = Float64Array.of(1, 2, NaN);
    const hi = Float64Array.of(3, 3, NaN);
    expect([...validateBounds([1, 1, 1], lo, hi)]).toEqual([0, 4, 0]);
    expect(() => validateBounds([1, 1], lo, hi)).toThrow(expect.objectContaining({ code: 'EMA_BAD_INPUT' }));
  });

  // ruling 18
  it('let negative values through where prices were negative', () => {
    expect([...validateBounds([-3, -3.2, -2], -3.1, -2.5)]).toEqual([0, 4, 4]);
    const { lo, hi } = expandingBounds([9, -4, 6], 0);
    expect([lo[0], hi[0]]).toEqual([4.5, 18]);
    expect([lo[2], hi[2]]).toEqual([-4 - 9e-12, 9 + 9e-12]);
  });

  it('of zeros are zero', () => {
    expect(emaBounds(0, 0)).toEqual({ lo: 0, hi: 0 });
  });

  it('from the closes so far widen only', () => {
    const { lo, hi } = expandingBounds([9, 4, 6, NaN, 2, 8], 1);
    expect([...lo]).toEqual([NaN, 2, 2, 2, 1, 1]);
    expect([...hi]).toEqual([NaN, 8, 12, 12, 12, 16]);
  });

  it('from the recent past do not know their own row', () => {
    // previous values 1 2 3: mean 2, sample deviation 1
    const { lo, hi } = rollingSigmaBounds([1, 2, 3, 1000, 5], 3, 3, 3);
    expect([...lo.subarray(0, 3)]).toEqual([NaN, NaN, NaN]);
    expect([lo[3], hi[3]]).toEqual([-1, 5]);
    // then 2 3 1000
    const mean = 335;
    const deviation = Math.sqrt((333 ** 2 + 332 ** 2 + 665 ** 2) / 2);
    expect(lo[4]).toBeCloseTo(mean - 3 * deviation, 9);
    expect(hi[4]).toBeCloseTo(mean + 3 * deviation, 9);
  });

  it('from the recent past count values, not gaps', () => {
    const { lo } = rollingSigmaBounds([1, NaN, 2, NaN, 3, 0], 3, 3, 3);
    expect(lo[5]).toBe(-1);
    expect(() => rollingSigmaBounds([1], 0)).toThrow(expect.objectContaining({ code: 'EMA_BAD_OPTION' }));
  });

  it('need ten values by default', () => {
    const { lo } = rollingSigmaBounds(Float64Array.from({ length: 12 }, (_, i) => i));
    expect(lo[9]).toBeNaN();
    expect(lo[10]).toBeCloseTo(4.5 - 3 * Math.sqrt(82.5 / 9), 12);
  });
});
