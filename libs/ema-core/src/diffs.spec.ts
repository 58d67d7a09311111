import { describe, expect, it } from 'vitest';
import { diffs } from './diffs.ts';

const V = [NaN, 1, 3, 6, 10, 15];

describe('derivatives', () => {
  it('without a canonical column are the same twice', () => {
    const { d1, d2, d1Roll, d2Roll } = diffs(V);
    expect([...d1]).toEqual([NaN, NaN, 2, 3, 4, 5]);
    expect([...d2]).toEqual([NaN, NaN, NaN, 1, 1, 1]);
    expect([...d1Roll]).toEqual([...d1]);
    expect([...d2Roll]).toEqual([...d2]);
  });

  it('look from canonical row to canonical row, and are null on the others', () => {
    const { d1, d2 } = diffs(V, [1, 0, 1, 0, 1, 1]);
    expect([...d1]).toEqual([NaN, NaN, NaN, NaN, 7, 5]);
    expect([...d2]).toEqual([NaN, NaN, NaN, NaN, NaN, -2]);
  });

  it('look past a value that is missing', () => {
    expect([...diffs([1, NaN, 4, 9]).d1]).toEqual([NaN, NaN, 3, 5]);
  });

  it('take the difference of rounded first differences', () => {
    const [a, b, c] = [0.001, 7.1, 3333.3];
    expect(diffs([a, b, c]).d2[2]).toBe(c - b - (b - a));
    expect(diffs([a, b, c]).d2[2]).not.toBe(c - 2 * b + a);
  });

  it('go on from a carry', () => {
    const canonical = [0, 1, 0, 1, 1, 1];
    const whole = diffs(V, canonical);
    const head = diffs(V.slice(0, 3), canonical.slice(0, 3));
    const tail = diffs(V.slice(3), canonical.slice(3), head.carry);
    for (const column of ['d1', 'd2', 'd1Roll', 'd2Roll'] as const) {
      expect([...head[column], ...tail[column]]).toEqual([...whole[column]]);
    }
    expect(tail.carry).toEqual(whole.carry);
  });

  it('refuse a canonical column of another length', () => {
    expect(() => diffs(V, [1])).toThrow(expect.objectContaining({ code: 'EMA_BAD_INPUT' }));
  });
});
