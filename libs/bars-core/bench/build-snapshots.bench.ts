import { bench, describe } from 'vitest';
import {
  BAR_FAMILIES,
  buildSnapshots,
  civilDay,
  createDailySeries,
  createSnapshotColumns,
  ONE_DAY_MS,
  openBarState,
  TIMEFRAME_CATALOGUE,
  timeframesOf,
} from '../src/engine.ts';

const DAYS = 2_000;
const FIRST_DAY = civilDay(2020, 6, 4);

/** A smooth made-up series with a gap every 97 days; the engine's cost does not depend on the prices. */
function wave(): ReturnType<typeof createDailySeries> {
  const series = createDailySeries(DAYS);
  for (let row = 0; row < DAYS; row++) {
    const day = FIRST_DAY + row + Math.floor(row / 97);
    series.day[row] = day;
    series.ts[row] = (day + 1) * ONE_DAY_MS - 1;
    series.open[row] = 100 + 10 * Math.sin(row / 9);
    series.close[row] = 100 + 10 * Math.sin((row + 1) / 9);
    series.high[row] = Math.max(series.open[row], series.close[row]) + 1 + Math.cos(row);
    series.low[row] = Math.min(series.open[row], series.close[row]) - 1 - Math.cos(row);
    series.volume[row] = 1_000 + row;
    series.marketCap[row] = 1e9 + row;
    series.timeHigh[row] = day * ONE_DAY_MS + 54_000_000;
    series.timeLow[row] = day * ONE_DAY_MS + 18_000_000;
  }
  return series;
}

describe('buildSnapshots', () => {
  const rows = wave();
  const timeframes = BAR_FAMILIES.flatMap((family) => timeframesOf(family, TIMEFRAME_CATALOGUE));
  const out = createSnapshotColumns(DAYS);

  bench(`${timeframes.length} timeframes x ${DAYS} days`, () => {
    for (const timeframe of timeframes) {
      out.length = 0;
      buildSnapshots(rows, timeframe, { state: openBarState(timeframe), from: 0, until: DAYS, out });
    }
  });
});
