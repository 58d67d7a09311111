import type { BarFamily } from '@ta/bars-core/engine';
import type { DailyState, EmaTable, Revision, StateGroup } from '@ta/state-store';

/** What is stored of the daily bars of one asset, as far as it decides what there is to do. */
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

/** The daily bars of an asset: as they are, or as the 1D step leaves them. Instants are epoch ms. */
export interface DailyBarsFacts {
  /** State of the daily bars; null when there is none. */
  readonly daily: DailyFacts | null;
  /** How the asset trades now, as `tradingDaysText` says it: bars built by another text are built again. */
  readonly tradingDays: string | null;
  /** Changes of stored daily history since it was last built from nothing. */
  readonly revisions: readonly Revision[];
  /** Whether the source has rows; only asked where the daily bars have no state. */
  readonly hasSource: boolean;
  /** The daily rows themselves; only there when a run names days of EMAs. */
  readonly rows?: { readonly ts: Float64Array; readonly day: Int32Array };
}

/** All that decides what there is to do for one asset. */
export interface AssetFacts extends DailyBarsFacts {
  readonly id: number;
  /** Whether bars, rejects or EMAs of it may be stored; false is only said where it has neither source rows nor states. */
  readonly mayBeStored: boolean;
  /** First instant of the logged source changes, epoch ms; null when nothing is logged. */
  readonly changedFromTs: number | null;
  readonly bars: ReadonlyMap<BarFamily, readonly StateGroup[]>;
  readonly emas: ReadonlyMap<EmaTable, readonly StateGroup[]>;
  /** Stamp of its row in `cmc_ema_refresh_state`; null without one. */
  readonly resetStampMs: number | null;
}

/**
 * In what a state of daily bars does not tell the truth: it has to name the newest bar that is stored (one edited by hand, or
 * restored from elsewhere, may not), the newest change of stored history, and the rules by which the days of the bars were
 * decided (an older version knew none).
 * Null when it does.
 */
export function whatIsUntrue(daily: DailyFacts): string | null {
  if (!Object.is(daily.lastSourceTs ?? Number.NaN, daily.newestBarTs)) return 'the newest daily bar that is stored';
  if (daily.revision !== daily.newestRevision) return 'the newest change of its history';
  return daily.dayRules === null ? 'the rules by which the days of the bars were decided' : null;
}
