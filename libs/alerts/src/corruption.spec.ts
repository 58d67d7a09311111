import { describe, expect, it } from 'vitest';
import { corruptionEvent, DEFAULT_CORRUPTION_THRESHOLD, findCorruption } from './corruption.ts';

const threshold = DEFAULT_CORRUPTION_THRESHOLD; // more than 1.0 % and at least 5 rows
const one = (id: number, rows: number, rejected: number, repaired = 0) => ({ id, rows, rejected, repaired });

describe('findCorruption', () => {
  it('is silent just below the share', () => {
    expect(findCorruption([one(1, 1001, 10)], threshold)).toBeNull();
  });
  it('is silent at the share', () => {
    expect(findCorruption([one(1, 1000, 10)], threshold)).toBeNull();
  });
  it('speaks just above the share', () => {
    expect(findCorruption([one(1, 999, 10)], threshold)).toMatchObject({ isOverRun: true, worst: [{ id: 1 }] });
  });
  it('is silent just below the count, whatever the share', () => {
    expect(findCorruption([one(1, 4, 4)], threshold)).toBeNull();
  });
  it('speaks at the count', () => {
    expect(findCorruption([one(1, 5, 5)], threshold)).not.toBeNull();
  });
  it('adds rejected and repaired rows', () => {
    expect(findCorruption([one(1, 100, 2, 3)], threshold)).toMatchObject({ rejected: 2, repaired: 3 });
    expect(findCorruption([one(1, 100, 2, 2)], threshold)).toBeNull();
  });
  it('sees one bad id in a run that is fine as a whole', () => {
    const found = findCorruption([one(1, 100_000, 0), one(825, 100, 6)], threshold);
    expect(found).toMatchObject({ isOverRun: false, worst: [{ id: 825 }] });
  });
  it('sees a bad run without one bad id', () => {
    const counts = Array.from({ length: 10 }, (_, index) => one(index + 1, 50, 1));
    expect(findCorruption(counts, threshold)).toMatchObject({ isOverRun: true, rows: 500, rejected: 10, worst: [] });
  });
  it('has nothing to say about no rows', () => {
    expect(findCorruption([], threshold)).toBeNull();
    expect(findCorruption([one(1, 0, 0)], { maxPct: 0, minCount: 0 })).toBeNull();
  });
  it('holds exactly at shares that floating point cannot hold', () => {
    for (let hundredths = 1; hundredths <= 100; hundredths++) {
      const at = { maxPct: hundredths / 100, minCount: 1 };
      expect(findCorruption([one(1, 10_000, hundredths)], at)).toBeNull();
      expect(findCorruption([one(1, 10_000, hundredths + 1)], at)).not.toBeNull();
    }
  });
  it('puts the worst share first', () => {
    const found = findCorruption([one(1, 100, 6), one(2, 100, 9), one(3, 50, 6)], threshold);
    expect(found?.worst.map(({ id }) => id)).toEqual([3, 2, 1]);
  });
});

describe('corruptionEvent', () => {
  it('is critical, names the ids and their numbers', () => {
    const found = findCorruption([one(1, 1000, 0), one(825, 100, 4, 2)], threshold);
    expect(corruptionEvent(found!, 'r1')).toEqual({
      event: 'ohlc_corruption',
      severity: 'CRITICAL',
      title: 'OHLC corruption above threshold',
      body: [
        'Run: 6 of 1100 rows (0.55 %): 4 rejected, 2 repaired.',
        'Look at `ta rejects --bars`; check the source before trusting these bars.',
      ],
      details: ['id 825: 6 of 100 rows (6.00 %): 4 rejected, 2 repaired'],
      ids: [825],
      component: 'bars',
      runId: 'r1',
      context: { rows: 1100, rejected: 4, repaired: 2, isOverRun: false },
    });
  });
});
