import type { CivilDay } from '../civil-day.ts';

/**
 * Source rows of one asset (`cmc_price_histories7`) as columns of equal length, ascending by `ts`; NaN is NULL.
 *
 * @see docs/bars.md#source-rows
 */
export interface SourceSeries {
  readonly length: number;
  /** Column `timestamp`: the close instant. All instants are epoch ms UTC. */
  readonly ts: Float64Array;
  readonly timeOpen: Float64Array;
  readonly timeClose: Float64Array;
  readonly timeHigh: Float64Array;
  readonly timeLow: Float64Array;
  readonly open: Float64Array;
  readonly high: Float64Array;
  readonly low: Float64Array;
  readonly close: Float64Array;
  readonly volume: Float64Array;
  readonly marketCap: Float64Array;
  /** Instant at which the row was loaded. */
  readonly loadTs: Float64Array;
  readonly name: readonly (string | null)[];
  readonly sourceFile: readonly (string | null)[];
}

/**
 * The civil day of a source row, its first instant, and the first instant of the next day (epoch ms UTC). NaN if the row has no
 * instant, or one outside the years 0001 to 9999.
 */
export interface RowDay {
  readonly day: CivilDay;
  readonly from: number;
  readonly until: number;
}
