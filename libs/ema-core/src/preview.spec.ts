import { describe, expect, it } from 'vitest';
import { createPreviewCarry, previewChained, previewMemoryless } from './preview.ts';

const X = [1, 2, 4, 8, 16, 32];
const CLOSES = [0, 2, 4];
const BAR_EMA = [NaN, 3, 10];

describe('previews', () => {
  it('without memory look back to the latest closed bar', () => {
    expect([...previewMemoryless(X, CLOSES, BAR_EMA, 0.5)]).toEqual([NaN, NaN, 3, 5.5, 10, 21]);
  });

  it('chained with a snap continue from the day before and return to the bar EMA', () => {
    expect([...previewChained(X, CLOSES, BAR_EMA, 0.5, { snap: true })]).toEqual([NaN, NaN, 3, 5.5, 10, 21]);
    expect([...previewChained(X, [2], [3], 0.5, { snap: true })]).toEqual([NaN, NaN, 3, 5.5, 10.75, 21.375]);
  });

  it('chained without a snap start at the bar EMA and never return to it', () => {
    expect([...previewChained(X, CLOSES, BAR_EMA, 0.5, { snap: false })]).toEqual([NaN, NaN, 3, 5.5, 10.75, 21.375]);
  });

  it('go on from a carry', () => {
    for (const snap of [true, false]) {
      const whole = previewChained(X, CLOSES, BAR_EMA, 0.25, { snap });
      const carry = createPreviewCarry();
      const head = previewChained(X.slice(0, 3), [0, 2], [NaN, 3], 0.25, { snap, carry });
      const tail = previewChained(X.slice(3), [1], [10], 0.25, { snap, carry });
      expect([...head, ...tail]).toEqual([...whole]);
    }
    const carry = createPreviewCarry();
    const head = previewMemoryless(X.slice(0, 3), [0, 2], [NaN, 3], 0.25, carry);
    const tail = previewMemoryless(X.slice(3), [1], [10], 0.25, carry);
    expect([...head, ...tail]).toEqual([...previewMemoryless(X, CLOSES, BAR_EMA, 0.25)]);
  });

  it('refuse a bar EMA of another length than the closes', () => {
    const refused = expect.objectContaining({ code: 'EMA_BAD_INPUT' });
    expect(() => previewMemoryless(X, CLOSES, [1], 0.5)).toThrow(refused);
    expect(() => previewChained(X, CLOSES, [1], 0.5, { snap: true })).toThrow(refused);
  });
});
