import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { firstIndexAfter, firstIndexAtOrAfter } from './ascending.ts';

describe('places in an ascending column', () => {
  it('are before and behind the entries that equal a value', () => {
    const column = Float64Array.of(10, 20, 20, 30);
    expect([5, 10, 15, 20, 30, 31].map((value) => firstIndexAtOrAfter(column, value))).toEqual([0, 0, 1, 1, 3, 4]);
    expect([5, 10, 15, 20, 30, 31].map((value) => firstIndexAfter(column, value))).toEqual([0, 1, 1, 3, 4, 4]);
    expect(firstIndexAtOrAfter(column, 25, 2)).toBe(2);
  });

  it('are what a walk from the start finds', () => {
    const ascending = fc.array(fc.integer({ min: -9, max: 9 })).map((values) => values.sort((a, b) => a - b));
    fc.assert(
      fc.property(ascending, fc.integer({ min: -10, max: 10 }), (values, value) => {
        expect(firstIndexAtOrAfter(values, value)).toBe(values.filter((entry) => entry < value).length);
        expect(firstIndexAfter(values, value)).toBe(values.filter((entry) => entry <= value).length);
      }),
    );
  });
});
