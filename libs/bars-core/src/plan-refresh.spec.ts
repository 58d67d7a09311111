import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planBarRefresh, type BarRefreshFacts, type BarRefreshState } from './plan-refresh.ts';

const day = (number: number): number => number * 86_400_000 - 1;
const state: BarRefreshState = { spec: 's', zone: 'UTC', sourceBuiltAt: 'b', lastTs: day(10) };
const facts: BarRefreshFacts = {
  spec: 's',
  zone: 'UTC',
  sourceBuiltAt: 'b',
  sourceFirstTs: day(1),
  sourceLastTs: day(10),
  earliestChangedTs: null,
  hasBars: true,
  forceRebuild: false,
};

describe('the plan of a refresh', () => {
  it.each<[string, BarRefreshState | null, Partial<BarRefreshFacts>, object]>([
    ['nothing new', state, {}, { kind: 'noop' }],
    ['a day more', state, { sourceLastTs: day(11) }, { kind: 'append' }],
    ['a day more, logged as new', state, { sourceLastTs: day(11), earliestChangedTs: day(11) }, { kind: 'append' }],
    ['the last day corrected', state, { earliestChangedTs: day(10) }, { kind: 'rewind', fromTsMs: day(10) }],
    [
      'a day corrected and one more',
      state,
      { sourceLastTs: day(11), earliestChangedTs: day(4) },
      { kind: 'rewind', fromTsMs: day(4) },
    ],
    ['the second day corrected', state, { earliestChangedTs: day(2) }, { kind: 'rewind', fromTsMs: day(2) }],
    [
      'the last day deleted',
      state,
      { sourceLastTs: day(9), earliestChangedTs: day(10) },
      { kind: 'rewind', fromTsMs: day(10) },
    ],
    [
      'the first day corrected',
      state,
      { earliestChangedTs: day(1) },
      { kind: 'rebuild', reason: 'history changed from its first row' },
    ],
    [
      'a day before the first one',
      state,
      { sourceFirstTs: day(0), earliestChangedTs: day(0) },
      { kind: 'rebuild', reason: 'history changed from its first row' },
    ],
    [
      'the first day deleted',
      state,
      { sourceFirstTs: day(2), earliestChangedTs: day(1) },
      { kind: 'rebuild', reason: 'history changed from its first row' },
    ],
    [
      'all days deleted',
      state,
      { sourceFirstTs: NaN, sourceLastTs: NaN, earliestChangedTs: day(1) },
      { kind: 'rebuild', reason: 'history changed from its first row' },
    ],
    [
      'all days gone without a trace',
      state,
      { sourceFirstTs: NaN, sourceLastTs: NaN },
      { kind: 'rebuild', reason: 'source is empty' },
    ],
    [
      'days gone without a trace',
      state,
      { sourceLastTs: day(9) },
      { kind: 'rebuild', reason: 'source ends before the last row consumed' },
    ],
    ['no state', null, {}, { kind: 'rebuild', reason: 'no state' }],
    ['no bars', state, { hasBars: false }, { kind: 'rebuild', reason: 'no bars' }],
    ['a request', state, { forceRebuild: true }, { kind: 'rebuild', reason: 'requested' }],
    ['another zone', state, { zone: 'Asia/Tokyo' }, { kind: 'rebuild', reason: 'zone changed from UTC to Asia/Tokyo' }],
    ['other rules', state, { spec: 't' }, { kind: 'rebuild', reason: 'rules of the timeframe changed from s to t' }],
    ['a rebuilt source', state, { sourceBuiltAt: 'c' }, { kind: 'rebuild', reason: 'source was rebuilt' }],
    ['an unrecorded source', { ...state, sourceBuiltAt: null }, {}, { kind: 'rebuild', reason: 'source was rebuilt' }],
    [
      'nothing consumed, nothing there',
      { ...state, lastTs: NaN },
      { sourceFirstTs: NaN, sourceLastTs: NaN },
      { kind: 'noop' },
    ],
    ['nothing consumed, something there', { ...state, lastTs: NaN }, { earliestChangedTs: day(1) }, { kind: 'append' }],
  ])('with %s', (_, stored, changes, plan) => {
    expect(planBarRefresh(stored, { ...facts, ...changes })).toStrictEqual(plan);
  });

  it('touches every consumed row at or after a change, and no plan is needed twice', () => {
    const number = fc.integer({ min: 1, max: 30 });
    fc.assert(
      fc.property(number, number, fc.option(number), (last, sourceLast, changed) => {
        const earliestChangedTs = changed === null ? null : day(changed);
        const given = { ...facts, sourceLastTs: day(sourceLast), earliestChangedTs };
        const plan = planBarRefresh({ ...state, lastTs: day(last) }, given);
        if (changed !== null && changed <= last) {
          expect(plan.kind).toBe(changed === 1 ? 'rebuild' : 'rewind');
        }
        const afterwards = { ...state, lastTs: day(sourceLast) };
        expect(planBarRefresh(afterwards, { ...given, earliestChangedTs: null })).toStrictEqual({ kind: 'noop' });
      }),
      { numRuns: 300 },
    );
  });
});
