import { isPriced, type GoldenSource } from '../golden-source.ts';
import { DAILY_TABLE } from '../golden-tables.ts';
import type { OwnExpectation } from './expectation.ts';

/** Expected cells of the 1D bars, from the source: gap flag and extremes of all rows, all cells of rows without volume or cap. */
export function dailyOwn(source: GoldenSource): OwnExpectation {
  return {
    tables: [DAILY_TABLE],
    expect(ours) {
      const asset = source.get(ours.number('id'));
      const row = asset?.rows.ts.indexOf(ours.number('timestamp')) ?? -1;
      if (asset === undefined || row < 0) return null;
      const { rows } = asset;
      let before = row - 1;
      while (before >= 0 && !isPriced(rows, before)) before--;
      const departing = {
        high: Math.max(rows.high[row], rows.open[row], rows.close[row], rows.low[row]),
        low: Math.min(rows.low[row], rows.open[row], rows.close[row], rows.high[row]),
        is_missing_days: before >= 0 && rows.day[row] - rows.day[before] > 1 ? 1 : 0,
      };
      if (!Number.isNaN(rows.volume[row]) && !Number.isNaN(rows.marketCap[row])) return departing;
      return {
        ...departing,
        tf: '1D',
        bar_seq: row + 1,
        time_open: asset.timeOpen[row],
        time_close: asset.timeClose[row],
        time_high: rows.timeHigh[row],
        time_low: rows.timeLow[row],
        open: rows.open[row],
        high: rows.high[row],
        low: rows.low[row],
        close: rows.close[row],
        volume: rows.volume[row],
        market_cap: rows.marketCap[row],
        is_partial_start: 0,
        is_partial_end: 0,
        src_name: asset.name,
        src_load_ts: asset.loadTs[row],
        src_file: asset.sourceFile[row],
        repaired_timehigh: 0,
        repaired_timelow: 0,
      };
    },
  };
}
