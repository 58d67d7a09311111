import { describe, expect, it } from 'vitest';
import { checkFreshness } from './freshness.ts';

const HOUR = 3_600_000;
const NOW = Date.UTC(2026, 0, 10);
const ageOf = (hours: number) => ({ lastTs: NOW - hours * HOUR, notAheadTs: NOW - hours * HOUR });

describe('freshness gate', () => {
  it.each([
    [47.99, true],
    [48, true],
    [48.01, false],
    [-1, true],
  ])('a bar of age %f h is fresh at 48 h: %s', (hours, isFresh) => {
    const result = checkFreshness([1], new Map([[1, ageOf(hours)]]), new Set(), NOW, 48);
    expect(result.fresh).toEqual(isFresh ? [1] : []);
    expect(result.future).toEqual(hours < 0 ? [1] : []);
  });

  it('days without trading make nothing older', () => {
    const days = { ...ageOf(60), restingMs: 48 * HOUR };
    expect(checkFreshness([1], new Map([[1, days]]), new Set(), NOW, 48).fresh).toEqual([1]);
    expect(checkFreshness([1], new Map([[1, { ...days, restingMs: 0 }]]), new Set(), NOW, 48).stale[0]?.ageHours).toBe(
      60,
    );
  });

  it('names the reason of each id that is left out, and lets the rest through', () => {
    const last = new Map([
      [1, ageOf(6)],
      [825, ageOf(49)],
      [7, ageOf(1)],
    ]);
    const result = checkFreshness([1, 7, 52, 825], last, new Set([7]), NOW, 48);
    expect(result.fresh).toEqual([1]);
    expect(result.stale.map(({ id, reason }) => [id, reason])).toEqual([
      [7, 'bars_failed'],
      [52, 'no_state'],
      [825, 'stale'],
    ]);
    expect(result.stale[2]?.ageHours).toBe(49);
  });

  it.each([
    [-24, 'fresh'],
    [-24.01, 'ahead'],
    [-24 * 365 * 500, 'ahead'],
  ])('a newest bar of age %f h is %s, and its age is that of the newest bar that is not ahead', (hours, status) => {
    const lastTs = NOW - hours * HOUR;
    const days = { lastTs, notAheadTs: status === 'ahead' ? NOW - 5 * HOUR : lastTs };
    const { fresh, stale } = checkFreshness([1], new Map([[1, days]]), new Set(), NOW, 48);
    expect(fresh).toEqual(status === 'fresh' ? [1] : []);
    expect(stale).toEqual(status === 'fresh' ? [] : [{ id: 1, reason: 'ahead', lastSourceTs: lastTs, ageHours: 5 }]);
  });
});
