import { describe, expect, it } from 'vitest';
import { timeframe } from '../../test/fixtures/plain-snapshot.ts';
import { civilDay, formatCivilDay, parseCivilDay } from '../civil-day.ts';
import type { Timeframe } from '../timeframe.ts';
import { gridFor, windowOf } from './grid-for.ts';

function windowText(tf: Timeframe, firstDay: string, day: string): string | null {
  const window = windowOf(tf, parseCivilDay(firstDay), parseCivilDay(day));
  return window && `${window.index}: ${formatCivilDay(window.firstDay)}..${formatCivilDay(window.lastDay)}`;
}

const years = (quantity: number): Timeframe => ({
  ...timeframe('1Y_CAL_ANCHOR'),
  tf: `${quantity}Y_CAL_ANCHOR`,
  quantity,
});

// The table of docs/bars.md#windows.
describe('the anchored window of 2024-02-14', () => {
  it.each([
    [1, '2024-02-11..2024-02-17', '2024-02-12..2024-02-18'],
    [2, '2024-02-04..2024-02-17', '2024-02-05..2024-02-18'],
    [3, '2024-02-11..2024-03-02', '2024-02-12..2024-03-03'],
    [4, '2024-01-21..2024-02-17', '2024-01-22..2024-02-18'],
    [6, '2024-01-21..2024-03-02', '2024-01-22..2024-03-03'],
    [8, '2023-12-24..2024-02-17', '2023-12-25..2024-02-18'],
    [10, '2024-01-21..2024-03-30', '2024-01-22..2024-03-31'],
  ])('of %i weeks is %s (US) and %s (ISO)', (n, us, iso) => {
    expect(windowText(timeframe(`${n}W_CAL_ANCHOR_US`), '2024-02-14', '2024-02-14')).toBe(`0: ${us}`);
    expect(windowText(timeframe(`${n}W_CAL_ANCHOR_ISO`), '2024-02-14', '2024-02-14')).toBe(`0: ${iso}`);
  });

  it.each([
    ['1M_CAL_ANCHOR', '2024-02-01..2024-02-29'],
    ['2M_CAL_ANCHOR', '2024-01-01..2024-02-29'],
    ['3M_CAL_ANCHOR', '2024-01-01..2024-03-31'],
    ['6M_CAL_ANCHOR', '2024-01-01..2024-06-30'],
    ['12M_CAL_ANCHOR', '2024-01-01..2024-12-31'],
    ['1Y_CAL_ANCHOR', '2024-01-01..2024-12-31'],
  ])('of %s is %s', (tf, window) => {
    expect(windowText(timeframe(tf), '2024-02-14', '2024-02-14')).toBe(`0: ${window}`);
  });

  it.each([
    [2, '2024-01-01..2025-12-31'],
    [3, '2022-01-01..2024-12-31'],
    [5, '2020-01-01..2024-12-31'],
    [20, '2020-01-01..2039-12-31'],
  ])('of %i years is %s', (quantity, window) => {
    expect(windowText(years(quantity), '2024-02-14', '2024-02-14')).toBe(`0: ${window}`);
  });
});

describe('anchored windows', () => {
  it('do not restart at New Year: ISO week 53 and the US week over 2023/24 are ordinary', () => {
    expect(windowText(timeframe('1W_CAL_ANCHOR_ISO'), '2020-12-01', '2020-12-28')).toBe('4: 2020-12-28..2021-01-03');
    expect(windowText(timeframe('1W_CAL_ANCHOR_ISO'), '2020-12-01', '2021-01-03')).toBe('4: 2020-12-28..2021-01-03');
    expect(windowText(timeframe('1W_CAL_ANCHOR_US'), '2023-12-31', '2024-01-06')).toBe('0: 2023-12-31..2024-01-06');
  });

  it('use floor division before 1970', () => {
    expect(windowText(timeframe('2W_CAL_ANCHOR_US'), '1970-01-03', '1970-01-03')).toBe('0: 1969-12-21..1970-01-03');
    expect(windowText(timeframe('2W_CAL_ANCHOR_US'), '1970-01-03', '1970-01-04')).toBe('1: 1970-01-04..1970-01-17');
  });

  it('are numbered from the asset, empty ones included, and negative before it', () => {
    expect(windowText(timeframe('3M_CAL_ANCHOR'), '2024-02-14', '2025-01-01')).toBe('4: 2025-01-01..2025-03-31');
    expect(windowText(timeframe('3M_CAL_ANCHOR'), '2024-02-14', '2023-12-31')).toBe('-1: 2023-10-01..2023-12-31');
  });
});

describe('aligned windows', () => {
  // docs/bars.md#windows: a series that begins 2024-02-14 has 3M bars Mar–May, Jun–Aug … and 12M bars Mar–Feb.
  it('keep the phase of the first full boundary', () => {
    expect(windowText(timeframe('3M_CAL'), '2024-02-14', '2024-02-29')).toBeNull();
    expect(windowText(timeframe('3M_CAL'), '2024-02-14', '2024-03-01')).toBe('0: 2024-03-01..2024-05-31');
    expect(windowText(timeframe('3M_CAL'), '2024-02-14', '2024-08-31')).toBe('1: 2024-06-01..2024-08-31');
    expect(windowText(timeframe('12M_CAL'), '2024-02-14', '2025-02-28')).toBe('0: 2024-03-01..2025-02-28');
    expect(windowText(timeframe('12M_CAL'), '2024-02-14', '2025-03-01')).toBe('1: 2025-03-01..2026-02-28');
  });

  it.each([
    // A is the first boundary on or after the first day: a day later it is a whole unit later.
    ['1W_CAL_US', '2024-01-06', '2024-01-07', '0: 2024-01-07..2024-01-13'],
    ['1W_CAL_US', '2024-01-07', '2024-01-07', '0: 2024-01-07..2024-01-13'],
    ['1W_CAL_US', '2024-01-08', '2024-01-14', '0: 2024-01-14..2024-01-20'],
    ['1W_CAL_ISO', '2024-01-07', '2024-01-08', '0: 2024-01-08..2024-01-14'],
    ['1W_CAL_ISO', '2024-01-08', '2024-01-08', '0: 2024-01-08..2024-01-14'],
    ['1W_CAL_ISO', '2024-01-09', '2024-01-15', '0: 2024-01-15..2024-01-21'],
    ['1M_CAL', '2024-01-31', '2024-02-29', '0: 2024-02-01..2024-02-29'],
    ['1M_CAL', '2024-02-01', '2024-02-01', '0: 2024-02-01..2024-02-29'],
    ['1M_CAL', '2024-02-02', '2024-03-31', '0: 2024-03-01..2024-03-31'],
    ['1M_CAL', '2023-01-15', '2023-02-28', '0: 2023-02-01..2023-02-28'],
    ['1Y_CAL', '2023-12-31', '2024-12-31', '0: 2024-01-01..2024-12-31'],
    ['1Y_CAL', '2024-01-01', '2024-01-01', '0: 2024-01-01..2024-12-31'],
    ['1Y_CAL', '2024-01-02', '2025-01-01', '0: 2025-01-01..2025-12-31'],
    ['9M_CAL', '2023-12-05', '2025-05-01', '1: 2024-10-01..2025-06-30'],
    ['20Y_CAL', '2010-07-13', '2024-02-14', '0: 2011-01-01..2030-12-31'],
  ])('%s of an asset from %s: %s lies in %s', (tf, firstDay, day, window) => {
    expect(windowText(timeframe(tf), firstDay, day)).toBe(window);
  });

  it('end a day before the next one starts', () => {
    expect(windowText(timeframe('2W_CAL_ISO'), '2024-01-03', '2024-01-21')).toBe('0: 2024-01-08..2024-01-21');
    expect(windowText(timeframe('2W_CAL_ISO'), '2024-01-03', '2024-01-22')).toBe('1: 2024-01-22..2024-02-04');
  });
});

describe('rolling timeframes', () => {
  it('have no calendar windows', () => {
    expect(() => windowOf(timeframe('7D'), civilDay(2024, 1, 3), civilDay(2024, 1, 3))).toThrow(
      expect.objectContaining({ code: 'BARS_BAD_TIMEFRAME' }),
    );
  });

  it('number bars by rows', () => {
    const grid = gridFor(timeframe('7D'), civilDay(2024, 1, 3));
    expect(grid.rowsPerBar).toBe(7);
    expect([0, 6, 7, 13, 14].map((row) => grid.slotAt(civilDay(2024, 1, 3), row)?.index)).toStrictEqual([
      0, 0, 1, 1, 2,
    ]);
  });
});
