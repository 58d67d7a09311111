import type { BarFamily, Timeframe } from '@ta/bars-core/engine';
import type { BarSeriesNumbers, EmaSeriesNumbers } from '@ta/state-store';

/** The reaction to a backfill: rebuild the affected rows, keep history and warn, or fail the item. */
export type BackfillPolicy = 'rebuild' | 'warn' | 'fail';

/** Days in the run's zone, `YYYY-MM-DD`, both inclusive. */
export interface EmaDays {
  /** EMAs are computed again from this day on, regardless of the state; earlier rows stay unchanged. */
  readonly firstDay?: string;
  /** Later days are ignored. Days that are stored already stay, unless everything is rebuilt. */
  readonly lastDay?: string;
}

/** What every item of a run shares. Fixed before the first item starts. */
export interface RunSettings {
  readonly runId: string;
  /** IANA zone in which the civil day of an instant is determined. The state stores it; if it changes, everything is rebuilt. */
  readonly zone: string;
  /** Canonical timeframes of each bar family. */
  readonly timeframes: Readonly<Record<BarFamily, readonly Timeframe[]>>;
  /** The rolling timeframes of the EMA tables fed by daily bars, `1D` included. */
  readonly dayTimeframes: readonly Timeframe[];
  /** EMA periods, ascending. */
  readonly periods: readonly number[];
  /** Series of the multi-day bars, read once per run; an item that gets none reads them itself. */
  readonly barSeries?: BarSeriesNumbers;
  /** Numbers of the series of packed EMAs, read once per run in the same way. */
  readonly emaSeries?: EmaSeriesNumbers;
  /** Ignore state and build the requested steps from the first row. */
  readonly fullRebuild: boolean;
  /** How many days before the watermark an append reads again. */
  readonly lookbackDays: number;
  readonly onBackfill: BackfillPolicy;
  /** The days of EMAs that a run is limited to; if absent, everything new is computed. */
  readonly emaDays?: EmaDays;
  /** False to skip the checks of EMA values: nothing is compared with its bounds, and earlier rejects stay recorded. */
  readonly judgeEmas: boolean;
}
