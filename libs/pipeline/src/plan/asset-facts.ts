import type { BarFamily } from '@ta/bars-core/engine';
import type { DailyState, EmaTable, Revision, StateGroup } from '@ta/state-store';

/** The stored facts about the daily bars of one asset that decide what has to be done. */
export type DailyFacts = Pick<
  DailyState,
  | 'zone'
  | 'dayRules'
  | 'tradingDays'
  | 'lastSourceTs'
  | 'firstBarTs'
  | 'newestBarTs'
  | 'fullBuiltAtMs'
  | 'revision'
  | 'newestRevision'
>;

/** The daily bars of an asset, before or after the 1D step. Instants are epoch ms. */
export interface DailyBarsFacts {
  /** State of the daily bars; null when there is none. */
  readonly daily: DailyFacts | null;
  /** The current trading rules of the asset, as `tradingDaysText`; bars that were built with another text are rebuilt. */
  readonly tradingDays: string | null;
  /** Changes of stored daily history since it was last built from scratch. */
  readonly revisions: readonly Revision[];
  /** Whether the source has rows; only read if the daily bars have no state. */
  readonly hasSource: boolean;
  /** The daily rows themselves; only present when a run is limited to certain days of EMAs. */
  readonly rows?: { readonly ts: Float64Array; readonly day: Int32Array };
}

/** All facts that decide what has to be done for one asset. */
export interface AssetFacts extends DailyBarsFacts {
  readonly id: number;
  /**
   * Whether bars, rejects or EMAs of the asset may be stored; false only if it has no source rows, log entries, states or stored
   * rows.
   */
  readonly mayBeStored: boolean;
  /** First instant of the logged source changes, epoch ms; null when nothing is logged. */
  readonly changedFromTs: number | null;
  readonly bars: ReadonlyMap<BarFamily, readonly StateGroup[]>;
  readonly emas: ReadonlyMap<EmaTable, readonly StateGroup[]>;
  /** Stamp of the asset's row in `cmc_ema_refresh_state`; null without one. */
  readonly resetStampMs: number | null;
}

/**
 * How the state of daily bars contradicts the stored rows; null if it does not. The state must name the newest stored bar (after
 * an edit by hand or a restore it may not), the newest change of stored history, and the rules by which the days of the bars were
 * determined (which an older version did not record).
 */
export function whatIsUntrue(daily: DailyFacts): string | null {
  if (!Object.is(daily.lastSourceTs ?? Number.NaN, daily.newestBarTs)) return 'the newest daily bar that is stored';
  if (daily.revision !== daily.newestRevision) return 'the newest change of its history';
  return daily.dayRules === null ? 'the rules by which the days of the bars were decided' : null;
}
