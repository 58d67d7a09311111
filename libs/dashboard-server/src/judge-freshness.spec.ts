import { describe, expect, it } from 'vitest';
import type { Action, Reason } from '@ta/pipeline';
import type { NewestDays, StateGroup } from '@ta/state-store';
import { judgeDaily, judgeDerived, type StepFacts } from './judge-freshness.ts';

const NEWEST = Date.parse('2024-06-30T23:59:59.999Z');
const HOUR_MS = 3_600_000;
const clock = (ageHours: number) => ({ nowMs: NEWEST + ageHours * HOUR_MS, maxAgeHours: 48 });
const days = (lastTs: number, notAheadTs: number | null = lastTs): NewestDays => ({ lastTs, notAheadTs });

interface Given {
  readonly newest?: NewestDays | undefined;
  readonly reason?: Reason;
  readonly lastTs?: number | null;
  readonly failure?: string;
}

const factsOf = (given: Given): StepFacts => {
  const { reason = 'in_step', lastTs = NEWEST, failure } = given;
  const newest = 'newest' in given ? given.newest : days(NEWEST);
  const action = { kind: reason === 'in_step' ? 'noop' : 'rebuild', reason } as Action;
  return {
    ...{ newest, failure, changedFromTs: Date.parse('2024-05-01T00:00:00Z') },
    states: lastTs === null ? [] : [{ lastTs } as StateGroup, { lastTs: NEWEST } as StateGroup],
    planned: [
      { component: 'bars', step: '1d', table: '1d', timeframe: '1D', action: { kind: 'noop', reason: 'in_step' } },
      { component: 'bars', step: '1d', table: '1d', timeframe: '1D', action },
    ],
  };
};

describe('freshness of daily bars', () => {
  const judge = (given: Given, ageHours = 1) => judgeDaily(factsOf(given), clock(ageHours));

  it('bars are stale beyond the limit, and fresh at it', () => {
    expect(judge({}, 48).status).toBe('fresh');
    expect(judge({}, 48.01)).toStrictEqual({
      ...{ status: 'stale', newestTs: NEWEST, why: 'Newest day 2024-06-30, 48 hours old: more than 48 hours' },
    });
  });

  it('a day ahead of the clock hides nothing', () => {
    const lastTs = NEWEST + 1000 * HOUR_MS;
    const ahead = { newest: days(lastTs, NEWEST) };
    expect(judge(ahead, 60)).toMatchObject({
      ...{
        status: 'ahead',
        why: expect.stringMatching(/2024-08-\d\d is ahead of the clock; .* 2024-06-30, 60 hours old/),
      },
    });
    const derived = { ...factsOf(ahead), states: [{ lastTs } as StateGroup] };
    expect(judgeDerived(derived, clock(1)).status).toBe('ahead');
    expect(judge({ newest: days(NEWEST + 24 * HOUR_MS) }, 0).status).toBe('fresh');
  });

  it('waiting changes, a state that is not theirs, a failure and nothing at all are told apart', () => {
    expect(judge({ reason: 'history_changed' })).toMatchObject({
      ...{ status: 'pending', why: 'Source changes that no refresh has read yet, from 2024-05-01 on' },
    });
    expect(judge({ reason: 'untrue_state' })).toMatchObject({
      ...{ status: 'behind', why: expect.stringContaining('does not match the daily bars') },
    });
    expect(judge({ reason: 'later_rows', failure: 'disk full' })).toMatchObject({
      status: 'failed',
      why: expect.stringContaining('disk full'),
    });
    expect(judge({ newest: undefined }).status).toBe('never');
  });
});

describe('freshness of what derives from them', () => {
  const judge = (given: Given, ageHours = 1) => judgeDerived(factsOf(given), clock(ageHours));

  it('is that of the daily bars when all of them are taken in', () => {
    expect(judge({}).status).toBe('fresh');
    expect(judge({}, 500).status).toBe('stale');
  });

  it('is behind where the plan has work, and says which', () => {
    expect(judge({ lastTs: NEWEST - 24 * HOUR_MS, reason: 'later_rows' })).toMatchObject({
      ...{ status: 'behind', why: 'Has days up to 2024-06-29, daily bars reach 2024-06-30' },
    });
    expect(judge({ reason: 'daily_rebuilt' })).toMatchObject({
      status: 'behind',
      why: 'The daily bars were rebuilt later: it is not built from them yet',
    });
    expect(judge({ reason: 'history_changed' })).toMatchObject({
      ...{ status: 'behind', why: 'Corrections of daily history are not applied yet' },
    });
    expect(judge({ reason: 'no_daily_bars', newest: undefined }).status).toBe('behind');
  });

  it('nothing built is told apart from nothing to build from', () => {
    expect(judge({ lastTs: null }).why).toBe('Not built yet');
    expect(judge({ lastTs: null, newest: undefined }).why).toMatch(/no daily bar/);
    expect(judge({ lastTs: null, failure: 'STORE_X' })).toMatchObject({
      status: 'failed',
      why: expect.stringContaining('STORE_X'),
    });
  });
});
