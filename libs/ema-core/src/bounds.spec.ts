import { describe, expect, it } from 'vitest';
import { emaBounds } from './bounds.ts';

describe('bounds of an EMA', () => {
  it('are half the least and twice the greatest of positive inputs', () => {
    expect(emaBounds(80, 150)).toEqual({ lo: 40, hi: 300 });
  });

  it('leave room for rounding only where inputs were negative or zero', () => {
    expect(emaBounds(-4, 9)).toEqual({ lo: -4 - 9e-12, hi: 9 + 9e-12 });
    expect(emaBounds(0, 9)).toEqual({ lo: -9e-12, hi: 9 + 9e-12 });
    expect(emaBounds(0, 0)).toEqual({ lo: 0, hi: 0 });
  });
});
