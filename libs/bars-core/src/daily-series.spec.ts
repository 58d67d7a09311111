import { describe, expect, it } from 'vitest';
import { dayNumber, plainRow, seriesD, seriesOf } from '../test/fixtures/plain-row.ts';
import { assertAscendingDays, createDailySeries, type DailySeries } from './daily-series.ts';

const assertOneRowPerDay = (series: DailySeries) => assertAscendingDays(series, 0, series.length, -Infinity, -Infinity);

describe('a daily series', () => {
  it('has one row a day', () => {
    expect(() => assertOneRowPerDay(createDailySeries(0))).not.toThrow();
    expect(() => assertOneRowPerDay(seriesOf(seriesD()))).not.toThrow();
    const day = dayNumber('2024-01-03');
    const twice = seriesOf([plainRow(day), plainRow(day, { ts: plainRow(day).ts + 1 })]);
    expect(() => assertOneRowPerDay(twice)).toThrow(
      expect.objectContaining({ code: 'BARS_DUPLICATE_DAY', context: { day: '2024-01-03', row: 1 } }),
    );
  });

  it('ascends', () => {
    const [first, second] = seriesD();
    expect(() => assertOneRowPerDay(seriesOf([second, first]))).toThrow(
      expect.objectContaining({ code: 'BARS_UNSORTED' }),
    );
    expect(() => assertOneRowPerDay(seriesOf([{ ...first, ts: NaN }]))).toThrow(
      expect.objectContaining({ code: 'BARS_UNSORTED' }),
    );
  });
});
