import { describe, expect, it } from 'vitest';
import { TIMEFRAME_CATALOGUE } from './timeframe-catalog.ts';
import { toTimeframe } from './timeframe.ts';

const named = (tf: string) => TIMEFRAME_CATALOGUE.find((row) => row.tf === tf);

// Expectations: docs/bars.md#timeframes.
describe('the timeframe catalogue', () => {
  it('has 99 day frames, 40 aligned and 20 anchored rows, all valid', () => {
    const kinds = TIMEFRAME_CATALOGUE.map((row) => toTimeframe(row).kind);
    expect(kinds.filter((kind) => kind === 'rolling')).toHaveLength(99);
    expect(kinds.filter((kind) => kind === 'aligned')).toHaveLength(40);
    expect(kinds.filter((kind) => kind === 'anchored')).toHaveLength(20);
  });

  it('has unique names and sort orders, ascending by sort order', () => {
    const orders = TIMEFRAME_CATALOGUE.map((row) => row.sortOrder);
    expect(new Set(TIMEFRAME_CATALOGUE.map((row) => row.tf)).size).toBe(159);
    expect(new Set(orders).size).toBe(159);
    expect(orders).toStrictEqual([...orders].sort((left, right) => left - right));
  });

  it('keeps the unique key of dim_timeframe with nulls taken as equal', () => {
    const keys = TIMEFRAME_CATALOGUE.map((row) =>
      JSON.stringify([
        row.alignmentType,
        row.tfDaysNominal,
        row.calendarAnchor,
        row.calendarScheme,
        row.allowPartialStart,
        row.allowPartialEnd,
      ]),
    );
    expect(new Set(keys).size).toBe(159);
  });

  it('is canonical for 1D to 360D, 365D and every calendar frame', () => {
    const days = TIMEFRAME_CATALOGUE.filter((row) => row.alignmentType === 'tf_day');
    const canonical = days.filter((row) => row.isCanonical).map((row) => row.tfQty);
    expect(canonical).toHaveLength(41);
    expect(canonical.filter((n) => n <= 360)).toHaveLength(40);
    expect(Math.max(...canonical)).toBe(365);
    expect(TIMEFRAME_CATALOGUE.filter((row) => row.alignmentType === 'calendar').every((row) => row.isCanonical)).toBe(
      true,
    );
  });

  it.each([
    ['1D', 1, 1, 1, 10],
    ['360D', 360, 360, 360, 49],
    ['400D', 400, 400, 400, 50],
    ['72000D', 72_000, 72_000, 72_000, 107],
    ['365D', 365, 365, 365, 108],
    ['1W_CAL_US', 7, 7, 7, 220],
    ['10W_CAL_US', 70, 70, 70, 226],
    ['1W_CAL_ISO', 7, 7, 7, 7001],
    ['10W_CAL_ISO', 70, 70, 70, 7010],
    ['1M_CAL', 30, 28, 31, 300],
    ['2M_CAL', 60, 59, 62, 301],
    ['3M_CAL', 90, 89, 92, 302],
    ['6M_CAL', 180, 181, 184, 303],
    ['9M_CAL', 270, 273, 276, 304],
    ['12M_CAL', 360, 365, 366, 305],
    ['1Y_CAL', 365, 365, 366, 350],
    ['2Y_CAL', 730, 730, 731, 351],
    ['4Y_CAL', 1_460, 1_461, 1_461, 353],
    ['20Y_CAL', 7_300, 7_305, 7_305, 369],
    ['1W_CAL_ANCHOR_US', 7, 1, 7, 7101],
    ['10W_CAL_ANCHOR_ISO', 70, 1, 70, 7410],
    ['2M_CAL_ANCHOR', 60, 1, 62, 7202],
    ['3M_CAL_ANCHOR', 90, 1, 92, 7203],
    ['6M_CAL_ANCHOR', 180, 1, 184, 7206],
    ['12M_CAL_ANCHOR', 360, 1, 366, 7212],
    ['1Y_CAL_ANCHOR', 365, 1, 366, 7301],
  ])('has %s with %i nominal days, width %i to %i, sort order %i', (tf, nominal, min, max, sortOrder) => {
    expect(named(tf)).toMatchObject({ tfDaysNominal: nominal, tfDaysMin: min, tfDaysMax: max, sortOrder });
  });

  it.each([
    ['1D', '1 day', null, 'Pure 1-day tf_day horizon'],
    ['2D', '2 days', null, 'Pure 2-day tf_day horizon'],
    ['1W_CAL_US', '1 week (calendar week end)', 'WEEK_END', 'Calendar-aligned week ending on market-specific WEEK_END'],
    [
      '2W_CAL_US',
      '2 weeks (calendar, week end)',
      'WEEK_END',
      '2-week calendar window aggregated to every 2nd week end',
    ],
    [
      '3W_CAL_ISO',
      '3 weeks (ISO week end)',
      'ISO-WEEK',
      '3-week ISO calendar window aggregated to every 3rd ISO week end. Full periods only.',
    ],
    ['2Y_CAL', '2 years (EOY)', 'EOY', '2-year calendar window, rolled at end-of-year'],
    [
      '1W_CAL_ANCHOR_ISO',
      '1 week (ISO anchored)',
      'ISO-WEEK',
      'ISO anchored week grid (Mon–Sun). Partial bars allowed at dataset edges.',
    ],
    [
      '3M_CAL_ANCHOR',
      '3 months (anchored)',
      'EOQ',
      'Anchored quarter grid (EOQ). Partial bars allowed at dataset edges.',
    ],
  ])('has %s labelled "%s"', (tf, label, calendarAnchor, description) => {
    expect(named(tf)).toMatchObject({ label, calendarAnchor, description });
  });
});
