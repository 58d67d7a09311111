import type { BarFamily, Timeframe } from '@ta/bars-core/engine';

/** The answer to a backfill: rebuild what it touches, keep history and warn, or fail the item. */
export type BackfillPolicy = 'rebuild' | 'warn' | 'fail';

/** Days in the run's zone, `YYYY-MM-DD`, both inclusive. */
export interface EmaDays {
  /** EMAs are computed again from this day on, whatever the state says; earlier rows stay as they are. */
  readonly firstDay?: string;
  /** Later days are ignored. Days that are stored already stay, unless everything is rebuilt. */
  readonly lastDay?: string;
}

/** What every item of a run shares. Fixed before the first item starts. */
export interface RunSettings {
  readonly runId: string;
  /** IANA zone that turns an instant into a civil day; stored in state, where another one rebuilds. */
  readonly zone: string;
  /** Canonical timeframes of each bar family. */
  readonly timeframes: Readonly<Record<BarFamily, readonly Timeframe[]>>;
  /** The rolling timeframes of the EMA tables fed by daily bars, `1D` included. */
  readonly dayTimeframes: readonly Timeframe[];
  /** EMA periods, ascending. */
  readonly periods: readonly number[];
  /** Ignore state and build the requested steps from the first row. */
  readonly fullRebuild: boolean;
  /** How many days before the watermark an append reads again. */
  readonly lookbackDays: number;
  readonly onBackfill: BackfillPolicy;
  /** Which days of EMAs a run is limited to; without, everything that is new. */
  readonly emaDays?: EmaDays;
  /** False leaves EMAs unjudged: nothing is compared with its bounds, and what was rejected before stays on record. */
  readonly judgeEmas: boolean;
}
