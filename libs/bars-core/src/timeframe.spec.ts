import { describe, expect, it } from 'vitest';
import { TIMEFRAME_CATALOGUE } from './timeframe-catalog.ts';
import { specOf, timeframeName, toTimeframe, type TimeframeRow } from './timeframe.ts';

function row(tf: string, changes: Partial<TimeframeRow> = {}): TimeframeRow {
  const found = TIMEFRAME_CATALOGUE.find((candidate) => candidate.tf === tf);
  if (found === undefined) throw new Error(`${tf} is not in the catalogue`);
  return { ...found, ...changes };
}

describe('a timeframe', () => {
  it('is what its row says', () => {
    expect(toTimeframe(row('2W_CAL_ANCHOR_US'))).toStrictEqual({
      tf: '2W_CAL_ANCHOR_US',
      unit: 'W',
      quantity: 2,
      nominalDays: 14,
      minDays: 1,
      maxDays: 14,
      kind: 'anchored',
      scheme: 'US',
      sortOrder: 7102,
    });
  });

  it.each([
    ['D', 7, 'rolling', null, '7D'],
    ['W', 1, 'aligned', 'ISO', '1W_CAL_ISO'],
    ['W', 10, 'anchored', 'US', '10W_CAL_ANCHOR_US'],
    ['M', 3, 'aligned', null, '3M_CAL'],
    ['Q', 1, 'anchored', null, '1Q_CAL_ANCHOR'],
    ['Y', 20, 'aligned', null, '20Y_CAL'],
  ] as const)('of unit %s, quantity %i, %s, scheme %s is called %5$s', (unit, quantity, kind, scheme, name) => {
    expect(timeframeName(unit, quantity, kind, scheme)).toBe(name);
  });

  it.each<[string, TimeframeRow]>([
    ['tf', row('7D', { tf: '7d' })],
    ['tf', row('7D', { tf: '07D' })],
    ['tf', row('7D', { tf: '8D' })],
    ['tf', row('1W_CAL_US', { tf: '1W_CAL' })],
    ['tf', row('1W_CAL_US', { tf: '1W_CAL_ISO' })],
    ['tf', row('1M_CAL', { tf: '1M_CAL_ANCHOR' })],
    ['tf_qty', row('7D', { tf: '0D', tfQty: 0, tfDaysNominal: 0 })],
    ['tf_qty', row('7D', { tf: '1.5D', tfQty: 1.5 })],
    ['tf_qty', row('6M_CAL_ANCHOR', { tf: '9M_CAL_ANCHOR', tfQty: 9 })],
    ['tf_qty', row('6M_CAL_ANCHOR', { tf: '3Q_CAL_ANCHOR', baseUnit: 'Q', tfQty: 3 })],
    ['tf_days_nominal', row('1M_CAL', { tfDaysNominal: -30 })],
    ['tf_days_nominal', row('7D', { tfDaysNominal: 8 })],
    ['base_unit', row('7D', { baseUnit: 'W' })],
    ['base_unit', row('1M_CAL', { baseUnit: 'D' })],
    ['base_unit', row('1M_CAL', { baseUnit: 'H' })],
    ['is_intraday', row('7D', { isIntraday: true })],
    ['roll_policy', row('7D', { rollPolicy: 'calendar_anchor' })],
    ['roll_policy', row('1M_CAL', { rollPolicy: 'multiple_of_tf' })],
    ['calendar_anchor', row('7D', { calendarAnchor: 'EOM' })],
    ['calendar_anchor', row('1M_CAL', { calendarAnchor: null })],
    ['calendar_scheme', row('1W_CAL_US', { calendarScheme: null })],
    ['calendar_scheme', row('1M_CAL', { calendarScheme: 'ISO' })],
    ['calendar_scheme', row('7D', { calendarScheme: 'US' })],
    ['allow_partial_end', row('1M_CAL', { allowPartialStart: true })],
    ['allow_partial_start', row('7D', { allowPartialStart: true, allowPartialEnd: true })],
    ['alignment_type', row('7D', { alignmentType: 'hourly' as 'tf_day' })],
    ['tf_days_min', row('7D', { tfDaysMin: 0 })],
    ['tf_days_max', row('1M_CAL', { tfDaysMin: 31, tfDaysMax: 28 })],
  ])('is refused for its column %s', (column, bad) => {
    expect(() => toTimeframe(bad)).toThrow(
      expect.objectContaining({
        code: 'BARS_BAD_TIMEFRAME',
        context: expect.objectContaining({ column }) as unknown,
        message: expect.stringContaining(column) as unknown,
      }),
    );
  });

  it('may leave the range of its width open', () => {
    expect(toTimeframe(row('1M_CAL', { tfDaysMin: null, tfDaysMax: null }))).toMatchObject({
      minDays: null,
      maxDays: null,
    });
  });

  it('may anchor any number of weeks or years', () => {
    const fiveYears = row('1Y_CAL_ANCHOR', { tf: '5Y_CAL_ANCHOR', tfQty: 5, tfDaysNominal: 1_825, tfDaysMax: 1_827 });
    expect(toTimeframe(fiveYears).kind).toBe('anchored');
  });
});

describe('specOf', () => {
  it('differs between any two timeframes of the catalogue', () => {
    const specs = TIMEFRAME_CATALOGUE.map((catalogueRow) => specOf(toTimeframe(catalogueRow)));
    expect(new Set(specs).size).toBe(TIMEFRAME_CATALOGUE.length);
  });

  it('does not depend on what cannot change a bar', () => {
    const changed = row('1M_CAL', { tfDaysNominal: 31, sortOrder: 1, tfDaysMin: null, isCanonical: false });
    expect(specOf(toTimeframe(changed))).toBe(specOf(toTimeframe(row('1M_CAL'))));
    expect(specOf(toTimeframe(changed))).toBe('2:aligned:1M');
    expect(specOf(toTimeframe(row('2W_CAL_ISO')))).toBe('2:aligned:2W:ISO');
  });
});
