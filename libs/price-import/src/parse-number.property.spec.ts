import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseNumber } from './parse-number.ts';

const RUNS = { numRuns: 700 };

describe('parseNumber laws', () => {
  it('gives back every finite double that was written in its shortest form', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        // String(-0) is "0"; the sign of zero has no written form there.
        expect(Object.is(parseNumber(String(value)), value + 0)).toBe(true);
      }),
      RUNS,
    );
  });

  it('gives back the nearest double of a number written in exponent form, as spreadsheets do', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 1e-300, max: 1e300, noNaN: true }),
        fc.integer({ min: 0, max: 16 }),
        (value, digits) => {
          const text = value.toExponential(digits).toUpperCase();
          expect(Object.is(parseNumber(text), Number(text))).toBe(true);
        },
      ),
      RUNS,
    );
  });

  it('accepts a text only if Number reads it as the same finite value', () => {
    const hostile = fc.string({ unit: fc.constantFrom(...'0123456789.,-+eE xnaN_∞\u00a0'), maxLength: 12 });
    fc.assert(
      fc.property(hostile, (text) => {
        const value = parseNumber(text);
        if (typeof value === 'string' || Number.isNaN(value)) return;
        expect(Object.is(value, Number(text))).toBe(true);
        expect(Number.isFinite(value)).toBe(true);
      }),
      RUNS,
    );
  });
});
