import { describe, expect, it } from 'vitest';
import {
  alphaBar,
  alphaDailyEquivalent,
  alphaDailyEquivalentByPower,
  alphaDailySpace,
  alphaFromCom,
  alphaFromHalfLife,
  halfLife,
} from './alpha.ts';
import { EMA_PERIODS } from './periods.ts';

describe('smoothing factors', () => {
  // docs/emas.md#smoothing-factors
  it.each([
    [10, 7, 0.18181818181818182, 0.028169014084507043, 0.02826023534907607],
    [21, 30, 0.09090909090909091, 0.003169572107765452, 0.003171964650142023],
    [200, 365, 0.009950248756218905, 2.7396884974178435e-5, 2.73971132801476e-5],
  ])('period %i over %i days has the values of the specification', (n, tfDays, bar, dailySpace, dailyEquivalent) => {
    expect(alphaBar(n)).toBe(bar);
    expect(alphaDailySpace(n, tfDays)).toBe(dailySpace);
    // the power form and ours differ by up to 6e-17
    expect(Math.abs(alphaDailyEquivalent(n, tfDays) - dailyEquivalent)).toBeLessThanOrEqual(6e-17);
    expect(alphaDailyEquivalentByPower(n, tfDays)).toBe(dailyEquivalent);
  });

  it('the daily factor over one day is the bar factor itself', () => {
    for (const n of EMA_PERIODS) expect(alphaDailyEquivalent(n, 1)).toBe(alphaBar(n));
    // docs/emas.md#smoothing-factors
    expect(alphaDailyEquivalentByPower(10, 1)).toBe(0.18181818181818188);
    expect(alphaDailySpace(10, 1)).toBe(alphaBar(10));
  });

  it('period 1 has factor 1 whatever the timeframe', () => {
    expect(alphaBar(1)).toBe(1);
    expect(alphaDailyEquivalent(1, 30)).toBe(1);
  });

  it('T daily steps shrink the old state as one bar does', () => {
    for (const n of EMA_PERIODS) {
      for (const tfDays of [2, 7, 30, 365, 7300]) {
        const left = Math.exp(tfDays * Math.log1p(-alphaDailyEquivalent(n, tfDays)));
        expect(Math.abs(left / (1 - alphaBar(n)) - 1)).toBeLessThan(1e-14);
      }
    }
  });

  it('both daily-equivalent forms stay within the distance that the specification states', () => {
    for (const n of EMA_PERIODS) {
      for (const tfDays of [2, 7, 14, 30, 90, 365, 3650, 10000]) {
        const ours = alphaDailyEquivalent(n, tfDays);
        // ≤ 6e-17 absolute; half an ulp of the difference 1−β is allowed on top
        expect(Math.abs(ours - alphaDailyEquivalentByPower(n, tfDays))).toBeLessThanOrEqual(2 ** -53);
      }
    }
  });

  it('half-life and factor are inverse', () => {
    expect(halfLife(0.5)).toBe(1);
    expect(halfLife(1)).toBe(0);
    expect(alphaFromHalfLife(1)).toBe(0.5);
    for (const alpha of [0.9, 0.2, 1e-3, 1e-6]) {
      expect(alphaFromHalfLife(halfLife(alpha)) / alpha).toBeCloseTo(1, 12);
    }
  });

  it('a centre of mass of (n−1)/2 is period n', () => {
    expect(alphaFromCom(4.5)).toBe(alphaBar(10));
    expect(alphaFromCom(0)).toBe(1);
  });

  it.each([
    ['alphaBar', () => alphaBar(0), 'EMA_BAD_PERIOD'],
    ['alphaBar', () => alphaBar(NaN), 'EMA_BAD_PERIOD'],
    ['alphaDailySpace', () => alphaDailySpace(10, 0), 'EMA_BAD_PERIOD'],
    ['alphaDailyEquivalent', () => alphaDailyEquivalent(10, Infinity), 'EMA_BAD_PERIOD'],
    ['halfLife', () => halfLife(0), 'EMA_BAD_ALPHA'],
    ['alphaFromHalfLife', () => alphaFromHalfLife(0), 'EMA_BAD_ALPHA'],
    ['alphaFromCom', () => alphaFromCom(-1), 'EMA_BAD_ALPHA'],
  ])('%s refuses values out of range', (_name, call, code) => {
    expect(call).toThrow(expect.objectContaining({ code }));
  });
});
