import { describe, expect, it } from 'vitest';
import { judgeDaily, judgeDerived, type DailyFacts, type DerivedFacts } from './judge-freshness.ts';

const NEWEST = Date.parse('2024-06-30T23:59:59.999Z');
const HOUR_MS = 3_600_000;
const clock = (ageHours: number) => ({ nowMs: NEWEST + ageHours * HOUR_MS, maxAgeHours: 48 });
const DAILY: DailyFacts = {
  newestTs: NEWEST,
  notAheadTs: NEWEST,
  builtAtMs: 5,
  revision: 2,
  changes: 0,
  firstChangeTs: null,
};
const DERIVED: DerivedFacts = { newestTs: NEWEST, sourceBuiltAtMs: 5, sourceRevision: 2 };

describe('freshness of daily bars', () => {
  it('bars are stale beyond the limit, and fresh at it', () => {
    expect(judgeDaily(DAILY, undefined, clock(48)).status).toBe('fresh');
    expect(judgeDaily(DAILY, undefined, clock(48.01))).toStrictEqual({
      ...{ status: 'stale', newestTs: NEWEST, why: 'Newest day 2024-06-30, 48 hours old: more than 48 hours' },
    });
  });

  it('a day ahead of the clock hides nothing', () => {
    const ahead = { ...DAILY, newestTs: NEWEST + 1000 * HOUR_MS };
    expect(judgeDaily(ahead, undefined, clock(60))).toMatchObject({
      ...{
        status: 'ahead',
        why: expect.stringMatching(/2024-08-\d\d is ahead of the clock; .* 2024-06-30, 60 hours old/),
      },
    });
    const { newestTs } = ahead;
    expect(judgeDerived({ ...DERIVED, newestTs }, ahead, undefined, clock(1)).status).toBe('ahead');
    expect(judgeDaily({ ...DAILY, newestTs: NEWEST + 24 * HOUR_MS }, undefined, clock(0)).status).toBe('fresh');
  });

  it('waiting changes, a failure and nothing at all are told apart', () => {
    const waiting = { ...DAILY, changes: 2, firstChangeTs: Date.parse('2024-05-01T00:00:00Z') };
    expect(judgeDaily(waiting, undefined, clock(1)).why).toBe('2 source changes not taken in yet, from 2024-05-01 on');
    expect(judgeDaily(waiting, 'disk full', clock(1))).toMatchObject({
      status: 'failed',
      why: expect.stringContaining('disk full'),
    });
    expect(judgeDaily(undefined, undefined, clock(1)).status).toBe('never');
    expect(judgeDaily({ ...DAILY, newestTs: null }, undefined, clock(1)).status).toBe('never');
  });
});

describe('freshness of what derives from them', () => {
  const judge = (change: Partial<DerivedFacts>, daily: DailyFacts | undefined = DAILY) =>
    judgeDerived({ ...DERIVED, ...change }, daily, undefined, clock(1));

  it('is that of the daily bars when all of them are taken in', () => {
    expect(judge({}).status).toBe('fresh');
    expect(judgeDerived(DERIVED, DAILY, undefined, clock(500)).status).toBe('stale');
  });

  it('is behind after new days, a rebuild or a correction of the daily bars, and says which', () => {
    expect(judge({ newestTs: NEWEST - 24 * HOUR_MS })).toMatchObject({
      ...{ status: 'behind', why: 'Has days up to 2024-06-29, daily bars reach 2024-06-30' },
    });
    expect(judge({ sourceBuiltAtMs: 4 })).toMatchObject({
      status: 'behind',
      why: 'The daily bars were rebuilt after it',
    });
    expect(judge({ sourceRevision: 0 })).toMatchObject({
      ...{ status: 'behind', why: 'Corrections of daily history not taken in: 2' },
    });
    expect(judgeDerived(DERIVED, undefined, undefined, clock(1)).status).toBe('behind');
  });

  it('nothing built is told apart from nothing to build from', () => {
    expect(judgeDerived(undefined, DAILY, undefined, clock(1)).why).toBe('Not built yet');
    expect(judgeDerived(undefined, undefined, undefined, clock(1)).why).toMatch(/no daily bar/);
    expect(judgeDerived(undefined, DAILY, 'STORE_X', clock(1))).toMatchObject({
      status: 'failed',
      why: expect.stringContaining('STORE_X'),
    });
  });
});
