import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { StateGroup } from '@ta/state-store';
import { earliestChange, rebuildOrAppend, type Inputs } from './rebuild-or-append.ts';

const day = (number: number): number => number * 86_400_000 - 1;
const state: StateGroup = {
  ...{ tfs: ['7D'], isAsSpecified: true, isEdited: false, zone: 'UTC', dailyBuiltAtMs: 1.5, dailyRevision: 2 },
  ...{ lastTs: day(10), barsBuiltAtMs: 3, resetStampMs: 4 },
};
const inputs: Inputs = {
  ...{ zone: 'UTC', dailyBuiltAtMs: 1.5, dailyRevision: 2, barsBuiltAtMs: 3, resetStampMs: 4 },
  ...{ firstTs: day(1), lastTs: day(10), changedFromTs: null, isForced: false },
};
const rewind = (number: number) => ({ kind: 'rewind', reason: 'history_changed', fromTsMs: day(number) });
const rebuild = (reason: string) => ({ kind: 'rebuild', reason });
const append = (reason: string) => ({ kind: 'append', reason });
const noop = { kind: 'noop', reason: 'in_step' };

describe('what is done with a timeframe', () => {
  it.each<[string, StateGroup | undefined, Partial<Inputs>, object]>([
    ['nothing new', state, {}, noop],
    ['a day more', state, { lastTs: day(11) }, append('later_rows')],
    ['a day more, logged as new', state, { lastTs: day(11), changedFromTs: day(11) }, append('later_rows')],
    ['the last day corrected', state, { changedFromTs: day(10) }, rewind(10)],
    ['a day corrected and one more', state, { lastTs: day(11), changedFromTs: day(4) }, rewind(4)],
    ['the second day corrected', state, { changedFromTs: day(2) }, rewind(2)],
    ['the last day deleted', state, { lastTs: day(9), changedFromTs: day(10) }, rewind(10)],
    ['a state that was edited', { ...state, isEdited: true }, { lastTs: day(11) }, rebuild('edited_state')],
    ['the first day corrected', state, { changedFromTs: day(1) }, rebuild('first_row_changed')],
    ['a day before the first', state, { firstTs: day(0), changedFromTs: day(0) }, rebuild('first_row_changed')],
    ['the first day deleted', state, { firstTs: day(2), changedFromTs: day(1) }, rebuild('first_row_changed')],
    ['days gone without a trace', state, { lastTs: day(9) }, rebuild('rows_vanished')],
    ['a change that came and went', { ...state, dailyRevision: 1 }, {}, append('state_only')],
    ['no state', undefined, {}, rebuild('no_state')],
    ['a request', state, { isForced: true }, rebuild('requested')],
    ['another zone', state, { zone: 'Asia/Tokyo' }, rebuild('zone_changed')],
    ['other rules', { ...state, isAsSpecified: false }, {}, rebuild('rules_changed')],
    ['rebuilt daily bars', state, { dailyBuiltAtMs: 1.25 }, rebuild('daily_rebuilt')],
    ['daily bars about to be rebuilt', state, { dailyBuiltAtMs: NaN }, rebuild('daily_rebuilt')],
    ['rebuilt bars', state, { barsBuiltAtMs: 4 }, rebuild('bars_rebuilt')],
    ['a reset', state, { resetStampMs: 5 }, rebuild('reset')],
    ['nothing consumed, something there', { ...state, lastTs: NaN }, { changedFromTs: day(1) }, append('later_rows')],
  ])('with %s', (_, stored, changes, action) => {
    expect(rebuildOrAppend(stored, { ...inputs, ...changes })).toStrictEqual(action);
  });

  it('bars have no reset and no bars of their own to be compared, EMAs no zone', () => {
    const bars = { ...inputs, barsBuiltAtMs: undefined, resetStampMs: undefined };
    expect(rebuildOrAppend({ ...state, barsBuiltAtMs: 9, resetStampMs: NaN }, bars)).toStrictEqual(noop);
    expect(rebuildOrAppend({ ...state, zone: '' }, { ...inputs, zone: undefined })).toStrictEqual(noop);
  });

  it('touches every consumed row at or after a change, and nothing is done twice', () => {
    const number = fc.integer({ min: 1, max: 30 });
    fc.assert(
      fc.property(number, number, fc.option(number), (last, sourceLast, changed) => {
        const changedFromTs = changed === null ? null : day(changed);
        const given = { ...inputs, lastTs: day(sourceLast), changedFromTs };
        const action = rebuildOrAppend({ ...state, lastTs: day(last) }, given);
        if (changed !== null && changed <= last) expect(action.kind).toBe(changed === 1 ? 'rebuild' : 'rewind');
        const afterwards = { ...state, lastTs: day(sourceLast) };
        expect(rebuildOrAppend(afterwards, { ...given, changedFromTs: null })).toStrictEqual(noop);
      }),
      { numRuns: 300 },
    );
  });
});

describe('the earliest change not yet consumed', () => {
  const revisions = [
    { revision: 1, firstTs: 300 },
    { revision: 2, firstTs: 100 },
    { revision: 3, firstTs: 200 },
  ];

  it.each([
    [0, 100],
    [1, 100],
    [2, 200],
    [3, null],
  ])('after revision %i it is %s', (consumed, earliest) => {
    expect(earliestChange(revisions, consumed)).toBe(earliest);
  });
});
