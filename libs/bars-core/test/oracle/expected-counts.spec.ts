import { describe, expect, it } from 'vitest';
import { dayNumber, seriesD, seriesDPrime, seriesOf } from '../fixtures/plain-row.ts';
import { timeframe } from '../fixtures/plain-snapshot.ts';
import { expectedClosed, expectedSnapshots } from './expected-counts.ts';

// Counts of docs/bars.md#snapshots; engine and counts are compared on random histories in build-snapshots.property.spec.ts.
describe('expected counts', () => {
  const d = seriesOf(seriesD()).day;

  it.each([
    ['7D', 19, 2],
    ['20D', 19, 0],
    ['1W_CAL_US', 15, 2],
    ['2W_CAL_US', 15, 1],
    ['1W_CAL_ISO', 14, 2],
    ['1M_CAL', 0, 0],
    ['2W_CAL_ANCHOR_US', 19, 2],
    ['1W_CAL_ANCHOR_ISO', 19, 3],
    ['1M_CAL_ANCHOR', 19, 0],
  ])('of %s on series D: %i snapshots, %i closed', (tf, snapshots, closed) => {
    expect(expectedSnapshots(timeframe(tf), d)).toBe(snapshots);
    expect(expectedClosed(timeframe(tf), d)).toBe(closed);
  });

  it('leave out the closed snapshot of a bar whose last day is missing', () => {
    expect(expectedClosed(timeframe('1W_CAL_US'), seriesOf(seriesDPrime()).day)).toBe(1);
  });

  it('are nothing for no rows', () => {
    for (const tf of ['7D', '1W_CAL_US', '1M_CAL_ANCHOR']) {
      expect(expectedSnapshots(timeframe(tf), new Int32Array())).toBe(0);
      expect(expectedClosed(timeframe(tf), new Int32Array())).toBe(0);
    }
  });

  it('close 120 months and 10 years in ten years of days', () => {
    const days = Int32Array.from({ length: 3_653 }, (_, at) => dayNumber('2014-01-01') + at);
    expect(expectedClosed(timeframe('1M_CAL'), days)).toBe(120);
    expect(expectedClosed(timeframe('1Y_CAL_ANCHOR'), days)).toBe(10);
  });
});
