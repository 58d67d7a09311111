import { createDailySeries, ONE_DAY_MS, type DailySeries } from '@ta/bars-core/engine';
import { describe, expect, it } from 'vitest';
import { tableOf } from '../twins/twin-table.ts';
import { ourGuard, referenceGuard, runningExtremes } from './reference-extremes.ts';

/** Days of a bar: high, low, and hour of the extremes; the day closes at its end. */
function days(rows: readonly (readonly [high: number, low: number, hour: number])[]): DailySeries {
  const series = createDailySeries(rows.length);
  rows.forEach(([high, low, hour], row) => {
    series.ts[row] = (row + 1) * ONE_DAY_MS - 1;
    series.high[row] = high;
    series.low[row] = low;
    series.timeHigh[row] = row * ONE_DAY_MS + hour * 3_600_000;
    series.timeLow[row] = series.timeHigh[row];
  });
  return series;
}

const at = (day: number, hour: number) => day * ONE_DAY_MS + hour * 3_600_000;

const snapshot = (open: number, close: number) =>
  tableOf([{ open, close, time_open: 0, time_close: 2 * ONE_DAY_MS - 1 }]).at(0);

describe('runningExtremes', () => {
  it('keeps the instant of the first of equal extremes', () => {
    expect(
      runningExtremes(
        days([
          [12, 8, 5],
          [12, 8, 1],
        ]),
        [0, 1],
      ),
    ).toEqual({
      high: 12,
      time_high: at(0, 5),
      low: 8,
      time_low: at(0, 5),
    });
  });

  // golden cmc_price_bars_multi_tf_cal_us, id 14: low of 2025-09-14, stamped 2025-09-18T03:12Z from 2025-09-18 on
  it('starts the instants anew after a day without prices, while the values stay', () => {
    expect(
      runningExtremes(
        days([
          [12, 8, 5],
          [Number.NaN, Number.NaN, 3],
          [11, 9, 7],
        ]),
        [0, 1, 2],
      ),
    ).toEqual({
      high: 12,
      time_high: at(2, 7),
      low: 8,
      time_low: at(2, 7),
    });
  });

  it('takes the close of the day where an instant is not known', () => {
    expect(runningExtremes(days([[12, 8, Number.NaN]]), [0])).toMatchObject({ time_high: ONE_DAY_MS - 1 });
  });
});

describe('guards', () => {
  it('both clamp a high below the close; only ours moves its instant', () => {
    const extremes = { high: 9, time_high: at(0, 5), low: 8, time_low: at(0, 6) };
    expect(referenceGuard(snapshot(8.5, 10), extremes)).toEqual({ ...extremes, high: 10 });
    expect(ourGuard(snapshot(8.5, 10), extremes)).toEqual({ ...extremes, high: 10, time_high: 2 * ONE_DAY_MS - 1 });
  });

  it('only the reference replaces a low from after the bar', () => {
    const extremes = { high: 11, time_high: at(0, 5), low: 7, time_low: at(2, 1) };
    expect(referenceGuard(snapshot(8, 10), extremes)).toEqual({ ...extremes, low: 8, time_low: 0 });
    expect(ourGuard(snapshot(8, 10), extremes)).toEqual(extremes);
  });

  it('leave everything where open and close are not known', () => {
    const extremes = { high: Number.NaN, time_high: 1, low: Number.NaN, time_low: 2 };
    expect(referenceGuard(snapshot(Number.NaN, Number.NaN), extremes)).toEqual(extremes);
  });
});
