import { describe, expect, it } from 'vitest';
import { instantText, instantTextOrNull } from './instant-text.ts';

describe('instantText', () => {
  it('writes microseconds, whole milliseconds included', () => {
    expect(instantText(Date.UTC(2024, 0, 3, 23, 59, 59, 999))).toBe('2024-01-03T23:59:59.999000Z');
    expect(instantText(Date.UTC(2024, 0, 3) + 0.001)).toBe('2024-01-03T00:00:00.000001Z');
    expect(instantText(Date.UTC(2024, 0, 3) + 0.999)).toBe('2024-01-03T00:00:00.000999Z');
  });

  it('rounds to the nearest microsecond, also before 1970', () => {
    expect(instantText(-0.001)).toBe('1969-12-31T23:59:59.999999Z');
    expect(instantText(-1000.4996)).toBe('1969-12-31T23:59:58.999500Z');
    expect(instantText(0.9996)).toBe('1970-01-01T00:00:00.001000Z');
  });

  it('writes infinities as PostgreSQL spells them', () => {
    expect([instantText(Infinity), instantText(-Infinity)]).toStrictEqual(['infinity', '-infinity']);
  });

  it('refuses NaN and years without four digits', () => {
    for (const bad of [NaN, Date.UTC(10_000, 0, 1), -1e15]) {
      expect(() => instantText(bad)).toThrow(expect.objectContaining({ code: 'STORE_RANGE' }) as Error);
    }
  });

  it('null and NaN are null where that is allowed', () => {
    expect([instantTextOrNull(null), instantTextOrNull(NaN)]).toStrictEqual([null, null]);
    expect(instantTextOrNull(0)).toBe('1970-01-01T00:00:00.000000Z');
  });
});
