import { describe, expect, it } from 'vitest';
import { median, medianCost } from './measure.ts';

describe('median', () => {
  it('is the middle of an odd count, in whatever order', () => {
    expect(median([9, 1, 5])).toBe(5);
  });

  it('is the mean of the middle two of an even count', () => {
    expect(median([4, 1, 3, 2])).toBe(2.5);
  });

  it('compares numbers, not text', () => {
    expect(median([10, 9, 100])).toBe(10);
  });

  it('of nothing is NaN', () => {
    expect(median([])).toBeNaN();
  });
});

describe('medianCost', () => {
  it('takes each part by itself', () => {
    const cost = (seconds: number, walBytes: number) => ({
      seconds,
      clientCpuSeconds: 1,
      serverCpuSeconds: Number.NaN,
      walBytes,
    });
    const found = medianCost([cost(1, 30), cost(2, 10), cost(9, 20)]);
    expect(found.seconds).toBe(2);
    expect(found.walBytes).toBe(20);
    expect(found.serverCpuSeconds).toBeNaN();
  });
});
