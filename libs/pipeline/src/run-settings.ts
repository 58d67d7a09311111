import type { BarFamily, Timeframe } from '@ta/bars-core';

/** How a backfill is met: rebuild what it touches, leave history alone and say so, or fail the item. */
export type BackfillPolicy = 'rebuild' | 'warn' | 'fail';

/** What every item of a run shares. Fixed before the first item starts. */
export interface RunSettings {
  readonly runId: string;
  /** IANA zone that turns an instant into a civil day; stored in state, a change rebuilds (ruling 2). */
  readonly zone: string;
  /** Canonical timeframes of each bar family. */
  readonly timeframes: Readonly<Record<BarFamily, readonly Timeframe[]>>;
  /** The rolling timeframes of the EMA tables fed by daily bars, `1D` included. */
  readonly dayTimeframes: readonly Timeframe[];
  /** EMA periods, ascending. */
  readonly periods: readonly number[];
  /** Ignore state and build the requested steps from the first row. */
  readonly fullRebuild: boolean;
  /** How many days before the watermark an append looks at again (operations.md 1.2). */
  readonly lookbackDays: number;
  readonly onBackfill: BackfillPolicy;
  /** Where multi-day bars come from; `raw` exists for golden comparison only (bars.md D3). */
  readonly source: '1d' | 'raw';
}
