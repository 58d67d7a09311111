import { describe, expect, it } from 'vitest';
import {
  approximateExpected,
  expectedCanonicalRows,
  expectedCanonicalRowsBetween,
  expectedDailySpaceRows,
  expectedRows,
} from './expected-counts.ts';
import { dailySpace } from './variants/daily-space.ts';
import { multiTf } from './variants/multi-tf.ts';

describe('expected counts', () => {
  it('canonical rows begin with the n-th bar', () => {
    expect(expectedCanonicalRows(10, 3)).toBe(8);
    expect(expectedCanonicalRows(3, 3)).toBe(1);
    expect(expectedCanonicalRows(2, 3)).toBe(0);
    expect(expectedCanonicalRows(0, 1)).toBe(0);
  });

  it('a range counts both of its ends and nothing of the warm-up', () => {
    const closes = [10, 20, 30, 40, 50];
    expect(expectedCanonicalRowsBetween(closes, 2, 0, 100)).toBe(4);
    expect(expectedCanonicalRowsBetween(closes, 2, 20, 40)).toBe(3);
    expect(expectedCanonicalRowsBetween(closes, 2, 21, 39)).toBe(1);
    expect(expectedCanonicalRowsBetween(closes, 2, 0, 10)).toBe(0);
    expect(expectedCanonicalRowsBetween(closes, 1, 50, 50)).toBe(1);
    expect(expectedCanonicalRowsBetween(closes, 6, 0, 100)).toBe(0);
    expect(expectedCanonicalRowsBetween([], 1, 0, 100)).toBe(0);
  });

  it('are what the variants emit', () => {
    const x = Float64Array.from({ length: 50 }, (_, i) => 100 + (i % 7));
    const closeIndex = [3, 9, 15, 21, 30, 44];
    for (const n of [1, 2, 6, 7]) {
      const rows = multiTf({ x, closeIndex, closePx: closeIndex.map((i) => x[i]), periods: [n] });
      expect(rows.count).toBe(expectedRows(closeIndex, x.length, n));
      expect(rows.roll.filter((roll) => roll === 0).length).toBe(expectedCanonicalRows(closeIndex.length, n));
    }
    for (const n of [1, 3, 9, 10, 11]) {
      const rows = dailySpace({ x, T: 5, periods: [n] });
      expect(rows.count).toBe(expectedDailySpaceRows(x.length, n, 5));
      expect(rows.roll.filter((roll) => roll === 0).length).toBe(expectedCanonicalRows(10, n));
    }
  });

  // emas.md 2.2
  it.each([
    ['1D, Jan 1–30', 30, 1, 30],
    ['7D, 28 days', 28, 7, 4],
    ['30D, Jan 1–Mar 30 of a leap year', 90, 30, 3],
    ['7D, 5 days', 5, 7, 0],
    ['T = 0', 30, 0, 0],
    ['T < 0', 30, -1, 0],
    ['no days', 0, 1, 0],
  ])('by arithmetic alone: %s', (_name, days, tfDays, expected) => {
    expect(approximateExpected(days, tfDays)).toBe(expected);
  });
});
