import { describe, expect, it } from 'vitest';
import { dayNumber, plainRow, seriesD, seriesOf } from '../test/fixtures/plain-row.ts';
import { assertOneRowPerDay, emptyDailySeries, sliceDailySeries } from './daily-series.ts';

describe('a daily series', () => {
  it('is sliced without copying', () => {
    const series = seriesOf(seriesD());
    const slice = sliceDailySeries(series, 2, 5);
    expect(slice.length).toBe(3);
    expect(Array.from(slice.open)).toStrictEqual([102, 103, 104]);
    for (const column of Object.values(slice)) if (typeof column !== 'number') expect(column).toHaveLength(3);
    expect(slice.close.buffer).toBe(series.close.buffer);
    expect(sliceDailySeries(series, 19, 19).length).toBe(0);
  });

  it.each([
    [-1, 3],
    [4, 3],
    [0, 20],
  ])('has no rows from %i until %i', (from, until) => {
    expect(() => sliceDailySeries(seriesOf(seriesD()), from, until)).toThrow(
      expect.objectContaining({ code: 'BARS_BAD_RANGE' }),
    );
  });

  it('has one row a day', () => {
    expect(() => assertOneRowPerDay(emptyDailySeries())).not.toThrow();
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
