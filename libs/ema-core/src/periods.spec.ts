import { describe, expect, it } from 'vitest';
import { assertPeriods, EMA_PERIODS } from './periods.ts';

describe('periods', () => {
  it('are the 17 of the specification', () => {
    // docs/emas.md#families
    expect(EMA_PERIODS).toEqual([6, 9, 10, 12, 14, 17, 20, 21, 26, 30, 50, 52, 77, 100, 200, 252, 365]);
    expect(Object.isFrozen(EMA_PERIODS)).toBe(true);
    expect(() => assertPeriods(EMA_PERIODS)).not.toThrow();
  });

  it.each([[[]], [[0]], [[1.5]], [[5, 5]], [[9, 6]], [[NaN]]])('%j is refused', (list) => {
    expect(() => assertPeriods(list)).toThrow(expect.objectContaining({ code: 'EMA_BAD_PERIOD' }));
  });
});
