import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseInstant } from './parse-instant.ts';

const RUNS = { numRuns: 700 };
const instants = fc.integer({ min: 86_400_000, max: Date.UTC(2200, 0, 1) - 1 });

describe('parseInstant laws', () => {
  it('gives back every millisecond that was written in ISO form', () => {
    fc.assert(
      fc.property(instants, (ms) => {
        expect(parseInstant(new Date(ms).toISOString())).toBe(ms);
      }),
      RUNS,
    );
  });

  it('reads the same instant through any written offset', () => {
    fc.assert(
      fc.property(instants, fc.integer({ min: -15 * 60, max: 15 * 60 }), (ms, offsetMinutes) => {
        const local = new Date(ms + offsetMinutes * 60_000).toISOString().slice(0, 23);
        const size = Math.abs(offsetMinutes);
        const zone = [Math.floor(size / 60), size % 60].map((part) => String(part).padStart(2, '0')).join(':');
        expect(parseInstant(`${local}${offsetMinutes < 0 ? '-' : '+'}${zone}`)).toBe(ms);
      }),
      RUNS,
    );
  });

  it('accepts a date exactly when the calendar has it', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1971, max: 2199 }), fc.nat(14), fc.nat(33), (year, month, day) => {
        const text = `${year}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`;
        const rolled = new Date(Date.UTC(year, month - 1, day));
        const isReal = rolled.getUTCMonth() === month - 1 && rolled.getUTCDate() === day;
        expect(typeof parseInstant(`${text}T00:00:00.000Z`)).toBe(isReal ? 'number' : 'string');
        expect(typeof parseInstant(`${text} 00:00:00+00`)).toBe(isReal ? 'number' : 'string');
      }),
      RUNS,
    );
  });
});
