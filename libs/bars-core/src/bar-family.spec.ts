import { describe, expect, it } from 'vitest';
import { BAR_FAMILIES, timeframesOf, type BarFamily } from './bar-family.ts';
import { TIMEFRAME_CATALOGUE } from './timeframe-catalog.ts';
import type { TimeframeRow } from './timeframe.ts';

const names = (family: BarFamily, rows: readonly TimeframeRow[] = TIMEFRAME_CATALOGUE): string[] =>
  timeframesOf(family, rows).map(({ tf }) => tf);

// Counts and orders: docs/bars.md#timeframes.
describe('the timeframes of a family', () => {
  it('are built family by family in the order of docs/operations.md#order', () => {
    expect(BAR_FAMILIES).toStrictEqual(['multi_tf', 'cal_iso', 'cal_us', 'cal_anchor_iso', 'cal_anchor_us']);
  });

  it.each([
    ['multi_tf', 40],
    ['cal_iso', 33],
    ['cal_us', 33],
    ['cal_anchor_iso', 13],
    ['cal_anchor_us', 13],
  ] as const)('%s has %i of the catalogue', (family, count) => {
    expect(timeframesOf(family, TIMEFRAME_CATALOGUE)).toHaveLength(count);
  });

  it('hold no 1D, and every day frame when non-canonical rows are included', () => {
    const all = timeframesOf('multi_tf', TIMEFRAME_CATALOGUE, { includeNonCanonical: true }).map(({ tf }) => tf);
    expect(all).toHaveLength(98);
    expect(all).not.toContain('1D');
    expect(all[0]).toBe('2D');
    expect(all[all.length - 1]).toBe('365D');
  });

  it('share months and years between the two calendars, but not weeks', () => {
    const isWeek = (tf: string): boolean => tf.includes('W');
    expect(names('cal_iso').filter((tf) => !isWeek(tf))).toStrictEqual(names('cal_us').filter((tf) => !isWeek(tf)));
    expect(names('cal_iso').filter(isWeek)).toStrictEqual([1, 2, 3, 4, 6, 8, 10].map((n) => `${n}W_CAL_ISO`));
    expect(names('cal_us').filter(isWeek)).toStrictEqual([1, 2, 3, 4, 6, 8, 10].map((n) => `${n}W_CAL_US`));
  });

  it('come by sort order where aligned, by unit and quantity where anchored', () => {
    expect(names('cal_us')[0]).toBe('1W_CAL_US');
    expect(names('cal_iso')[0]).toBe('1M_CAL');
    expect(names('cal_anchor_iso')).toStrictEqual([
      ...[1, 2, 3, 4, 6, 8, 10].map((n) => `${n}W_CAL_ANCHOR_ISO`),
      ...[1, 2, 3, 6, 12].map((n) => `${n}M_CAL_ANCHOR`),
      '1Y_CAL_ANCHOR',
    ]);
  });

  it('do not depend on the order of the rows', () => {
    const shuffled = [...TIMEFRAME_CATALOGUE].reverse();
    for (const family of BAR_FAMILIES) expect(names(family, shuffled)).toStrictEqual(names(family));
  });

  it('leave out what is not canonical or intraday in every family', () => {
    const none = TIMEFRAME_CATALOGUE.map((row) => ({ ...row, isCanonical: false }));
    const intraday = TIMEFRAME_CATALOGUE.map((row) => ({ ...row, isIntraday: true }));
    for (const family of BAR_FAMILIES) {
      expect(names(family, none)).toStrictEqual([]);
      expect(names(family, intraday)).toStrictEqual([]);
      expect(timeframesOf(family, none, { includeNonCanonical: true }).length).toBeGreaterThan(0);
    }
  });

  it('are refused when a chosen row is not valid', () => {
    const bad = TIMEFRAME_CATALOGUE.map((row) =>
      row.tf === '6M_CAL_ANCHOR' ? { ...row, tf: '9M_CAL_ANCHOR', tfQty: 9 } : row,
    );
    expect(() => timeframesOf('cal_anchor_us', bad)).toThrow(expect.objectContaining({ code: 'BARS_BAD_TIMEFRAME' }));
    expect(names('cal_us', bad)).toHaveLength(33);
  });
});
