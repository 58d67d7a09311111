import { describe, expect, it } from 'vitest';
import { planEmaRefresh, type EmaRefreshState, type EmaSourceFacts } from './plan-refresh.ts';

const STATE: EmaRefreshState = {
  paramsHash: 'a',
  periods: [6, 9],
  dailyBuiltAt: 'd1',
  barsBuiltAt: 'b1',
  resetStamp: null,
  lastTs: 100,
};
const FACTS: EmaSourceFacts = {
  paramsHash: 'a',
  periods: [6, 9],
  dailyBuiltAt: 'd1',
  barsBuiltAt: 'b1',
  resetStamp: null,
  firstTs: 10,
  lastTs: 100,
  earliestChangedTs: null,
  forceRebuild: false,
};

describe('plan of a refresh', () => {
  it('without a state builds from the start, if there is anything', () => {
    expect(planEmaRefresh(null, FACTS)).toEqual({ kind: 'rebuild', reason: 'no_state' });
    expect(planEmaRefresh(null, { ...FACTS, firstTs: null, lastTs: null })).toEqual({ kind: 'noop' });
  });

  it.each<[string, Partial<EmaSourceFacts>, object]>([
    ['nothing happened', {}, { kind: 'noop' }],
    ['later rows', { lastTs: 101 }, { kind: 'append' }],
    ['a change after the last row', { lastTs: 101, earliestChangedTs: 101 }, { kind: 'append' }],
    ['a change of the last row', { earliestChangedTs: 100 }, { kind: 'rewind', fromTsMs: 100 }],
    ['a change before later rows', { lastTs: 120, earliestChangedTs: 40 }, { kind: 'rewind', fromTsMs: 40 }],
    ['the last rows removed', { lastTs: 90, earliestChangedTs: 91 }, { kind: 'rewind', fromTsMs: 91 }],
    ['a change one step after the first row', { earliestChangedTs: 11 }, { kind: 'rewind', fromTsMs: 11 }],
    ['a change of the first row', { earliestChangedTs: 10 }, { kind: 'rebuild', reason: 'first_input_changed' }],
    ['a backfill', { firstTs: 5, earliestChangedTs: 5 }, { kind: 'rebuild', reason: 'first_input_changed' }],
    ['rows gone without notice', { lastTs: 90 }, { kind: 'rebuild', reason: 'inputs_vanished' }],
    ['all rows gone', { firstTs: null, lastTs: null }, { kind: 'rebuild', reason: 'inputs_vanished' }],
    ['force', { forceRebuild: true }, { kind: 'rebuild', reason: 'forced' }],
    ['a reset', { resetStamp: 'r' }, { kind: 'rebuild', reason: 'reset' }],
    ['other parameters', { paramsHash: 'b' }, { kind: 'rebuild', reason: 'params_changed' }],
    ['a period more', { periods: [6, 9, 10] }, { kind: 'rebuild', reason: 'periods_changed' }],
    ['another period', { periods: [6, 10] }, { kind: 'rebuild', reason: 'periods_changed' }],
    ['rebuilt daily bars', { dailyBuiltAt: 'd2' }, { kind: 'rebuild', reason: 'daily_rebuilt' }],
    ['rebuilt bars', { barsBuiltAt: 'b2' }, { kind: 'rebuild', reason: 'bars_rebuilt' }],
  ])('%s', (_name, change, plan) => {
    expect(planEmaRefresh(STATE, { ...FACTS, ...change })).toEqual(plan);
  });
});
