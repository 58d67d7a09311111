import { civilDaysOf, dayOpenings, instantsInDay } from '@ta/bars-core/engine';
import type { DailyRowsReader } from '@ta/pipeline';
import { readSourceRows } from '@ta/state-store';

/**
 * Raw source rows in the form of daily bars. The reference builds its multi-day bars from raw rows. Rows without open or close
 * belong to no bar and are left out.
 */
export const readRawRows: DailyRowsReader = async (tx, { id, zone, afterTs }) => {
  const source = await readSourceRows(tx, id, { afterTs });
  const kept: number[] = [];
  for (let i = 0; i < source.length; i++) {
    const isPriced = [source.open, source.close].every((column) => !Number.isNaN(column[i]));
    if (isPriced) kept.push(i);
  }
  const pick = (column: Float64Array) => Float64Array.from(kept, (i) => column[i] as number);
  const ts = pick(source.ts);
  const { day, ...bounds } = civilDaysOf(ts, zone);
  return {
    length: kept.length,
    ts,
    day,
    timeOpen: dayOpenings(pick(source.timeOpen), bounds),
    open: pick(source.open),
    high: pick(source.high),
    low: pick(source.low),
    close: pick(source.close),
    volume: pick(source.volume),
    marketCap: pick(source.marketCap),
    // the daily builder, which checks the instants of highs and lows, has not processed raw rows
    timeHigh: instantsInDay(pick(source.timeHigh), bounds),
    timeLow: instantsInDay(pick(source.timeLow), bounds),
    barSeq: Float64Array.from(kept, (i) => i + 1),
  };
};
