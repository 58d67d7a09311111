import { describe, expect, it } from 'vitest';
import {
  GUARD_HIGH_LT_LOW,
  GUARD_HIGH_LT_OC_MAX,
  GUARD_LOW_GT_OC_MIN,
  GUARD_UNKNOWN_FILLED,
  guardSnapshot,
} from './guard.ts';
import { createSnapshotColumns } from './snapshot-columns.ts';

const [TIME_OPEN, TIME_CLOSE, TWO_DAYS_LATER] = [0, 86_399_999, 86_399_999 + 172_800_000];
const SOUND = { open: 100, high: 110, low: 90, close: 105, timeHigh: 5, timeLow: 6 };

function guard(values: Partial<typeof SOUND>) {
  const out = createSnapshotColumns(1);
  for (const [column, value] of Object.entries({ ...SOUND, ...values, timeOpen: TIME_OPEN, timeClose: TIME_CLOSE })) {
    out[column as 'open'][0] = value;
  }
  out.guarded[0] = 255;
  guardSnapshot(out, 0);
  return {
    high: out.high[0],
    low: out.low[0],
    timeHigh: out.timeHigh[0],
    timeLow: out.timeLow[0],
    guarded: out.guarded[0],
    originalHigh: out.originalHigh[0],
    originalLow: out.originalLow[0],
  };
}

// docs/bars.md#guard.
describe('the guard', () => {
  it('leaves a sound snapshot alone, extremes on the edges included', () => {
    const edges = { high: 105, low: 100, timeHigh: TIME_OPEN, timeLow: TIME_CLOSE };
    expect(guard(edges)).toMatchObject({ ...edges, guarded: 0 });
  });

  it('clamps 100/105/120/110 with a low two days after the close', () => {
    expect(guard({ high: 105, low: 120, close: 110, timeLow: TWO_DAYS_LATER })).toStrictEqual({
      high: 110,
      low: 100,
      timeHigh: TIME_CLOSE,
      timeLow: TIME_OPEN,
      guarded: GUARD_HIGH_LT_LOW | GUARD_HIGH_LT_OC_MAX | GUARD_LOW_GT_OC_MIN,
      originalHigh: 105,
      originalLow: 120,
    });
  });

  it('finds all three violations in 100/50/200/150', () => {
    expect(guard({ high: 50, low: 200, close: 150 })).toMatchObject({ guarded: 7, high: 150, low: 100 });
  });

  // a day may be stamped anywhere in it, so that its extremes lie after the stamp or before its opening
  it.each([
    ['a high after the snapshot', { timeHigh: TIME_CLOSE + 1 }],
    ['a high before the bar', { timeHigh: TIME_OPEN - 1 }],
    ['a low after the snapshot', { timeLow: TIME_CLOSE + 1 }],
    ['a low before the bar', { timeLow: TIME_OPEN - 1 }],
  ])('leaves %s alone', (_, values) => {
    expect(guard(values)).toMatchObject({ high: 110, low: 90, timeHigh: 5, timeLow: 6, ...values, guarded: 0 });
  });

  it('places replaced extremes by the direction of the bar', () => {
    expect(guard({ close: 95, high: 90 })).toMatchObject({ high: 100, timeHigh: TIME_OPEN });
    expect(guard({ close: 95, low: 120 })).toMatchObject({ low: 95, timeLow: TIME_CLOSE });
    expect(guard({ close: 100, high: 90 })).toMatchObject({ high: 100, timeHigh: TIME_CLOSE });
    expect(guard({ close: 100, low: 120 })).toMatchObject({ low: 100, timeLow: TIME_OPEN });
  });

  it('fills unknown extremes without calling them a violation', () => {
    expect(guard({ high: NaN, timeHigh: NaN })).toMatchObject({
      high: 105,
      timeHigh: TIME_CLOSE,
      guarded: GUARD_UNKNOWN_FILLED,
      originalHigh: NaN,
      originalLow: 90,
    });
    expect(guard({ low: NaN, timeLow: NaN })).toMatchObject({
      low: 100,
      timeLow: TIME_OPEN,
      guarded: GUARD_UNKNOWN_FILLED,
    });
  });

  it('clamps to the one of open and close that is known', () => {
    expect(guard({ close: NaN, high: 90 })).toMatchObject({ high: 100, timeHigh: TIME_OPEN, guarded: 0 });
    expect(guard({ open: NaN, low: 120 })).toMatchObject({ low: 105, timeLow: TIME_CLOSE, guarded: 0 });
  });

  it('has nothing to clamp to when open and close are unknown', () => {
    const unknown = { open: NaN, close: NaN, high: NaN, low: NaN, timeHigh: NaN, timeLow: NaN };
    expect(guard(unknown)).toMatchObject({ high: NaN, low: NaN, timeHigh: NaN, timeLow: NaN, guarded: 0 });
    expect(guard({ open: NaN, close: NaN, timeHigh: TWO_DAYS_LATER })).toMatchObject({ high: 110, guarded: 0 });
  });
});
