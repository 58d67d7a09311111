import { describe, expect, it } from 'vitest';
import { differingRows, numberPair, rowDifference, textPair } from './row-differences.ts';

const at = Int32Array.of(0, 1, -1);

describe('a pair of columns', () => {
  it.each([
    [1, 1, 0, false],
    [1, 2, 0, true],
    [NaN, NaN, 0, false],
    [NaN, 1, 0, true],
    [1, NaN, 1e-9, true],
    [-0, 0, 0, false],
    [1, 1 + 1e-10, 1e-9, false],
    [1, 1 + 1e-10, 0, true],
    [-Infinity, 1, 1e-9, true],
    [Infinity, Infinity, 1e-9, false],
  ])('stored %d, computed %d, tolerance %d: differs %s', (stored, computed, relTolerance, differs) => {
    const pair = numberPair('x', Float64Array.of(stored), Float64Array.of(computed), { relTolerance });
    expect(differingRows([pair], Int32Array.of(0))).toStrictEqual(differs ? [0] : []);
  });

  it('takes a value that stands for NULL, and an offset', () => {
    const none = numberPair('x', Float64Array.of(NaN, 5), Int32Array.of(-1, 5), { nullIf: -1 });
    const plus = numberPair('y', Float64Array.of(2, 7), Float64Array.of(1, 5), { plus: 1 });
    expect(differingRows([none, plus], at.subarray(0, 2))).toStrictEqual([1]);
  });

  it('leaves rows out that are paired with nothing', () => {
    const pair = textPair('t', { codes: Int32Array.of(0, -1, 0), labels: ['a'] }, ['b', null]);
    expect(differingRows([pair], at)).toStrictEqual([0]);
    expect(rowDifference([pair], 0, 0)).toStrictEqual({
      columns: { t: { stored: 'a', recomputed: 'b' } },
      expected: 'b',
      actual: 'a',
      text: 't is a, recomputed b',
    });
  });
});
