import { describe, expect, it } from 'vitest';
import { expectedDailySpaceRows, expectedRows } from './expected-counts.ts';
import { dailySpace } from './variants/daily-space.ts';
import { multiTf } from './variants/multi-tf.ts';

describe('expected counts', () => {
  it('are what the variants emit', () => {
    const x = Float64Array.from({ length: 50 }, (_, i) => 100 + (i % 7));
    const closeIndex = [3, 9, 15, 21, 30, 44];
    for (const n of [1, 2, 6, 7]) {
      const rows = multiTf({ x, closeIndex, closePx: closeIndex.map((i) => x[i]), periods: [n] });
      expect(rows.count).toBe(expectedRows(closeIndex, x.length, n));
      expect(rows.roll.filter((roll) => roll === 0).length).toBe(Math.max(0, closeIndex.length - n + 1));
    }
    for (const n of [1, 3, 9, 10, 11]) {
      const rows = dailySpace({ x, T: 5, periods: [n] });
      expect(rows.count).toBe(expectedDailySpaceRows(x.length, n, 5));
      expect(rows.roll.filter((roll) => roll === 0).length).toBe(Math.max(0, 10 - n + 1));
    }
  });
});
