/**
 * What a refresh has to do with the stored bars of one asset and timeframe.
 *
 * `rewind` replays the history from an empty state, keeps rows before `fromTsMs` as they are stored, and replaces all rows with
 * a close at or after it. `append` goes on from the stored state. `rebuild` replaces everything.
 */
export type RefreshPlan =
  | { readonly kind: 'noop' }
  | { readonly kind: 'append' }
  | { readonly kind: 'rewind'; readonly fromTsMs: number }
  | { readonly kind: 'rebuild'; readonly reason: string };

/** What is stored beside the bars. */
export interface BarRefreshState {
  /** `specOf` the timeframe when the bars were built. */
  readonly spec: string;
  readonly zone: string;
  /** When the 1D bars that were consumed were last built from nothing; null when that is not recorded. */
  readonly sourceBuiltAt: string | null;
  /** Close instant of the last row consumed, epoch ms; NaN when there was none. */
  readonly lastTs: number;
}

/** What is known of the source and the request; instants are epoch ms, NaN for an empty source. */
export interface BarRefreshFacts {
  readonly spec: string;
  readonly zone: string;
  readonly sourceBuiltAt: string;
  readonly sourceFirstTs: number;
  readonly sourceLastTs: number;
  /** Close instant of the earliest 1D row that changed, appeared or vanished since it was last consumed, or null. */
  readonly earliestChangedTs: number | null;
  /** The stored bars are there; also true where the state says that there are none yet. */
  readonly hasBars: boolean;
  readonly forceRebuild: boolean;
}

/**
 * Decides how to bring stored bars up to date; pure, the caller executes it.
 *
 * A change in the middle is a rewind to its instant. A change at or before the first row moves the origin of everything
 * (numbers, aligned windows, the partial first bar) and is a rebuild.
 *
 * @see bars.md 4.4, operations.md
 */
export function planBarRefresh(state: BarRefreshState | null, facts: BarRefreshFacts): RefreshPlan {
  const { sourceFirstTs, sourceLastTs, earliestChangedTs } = facts;
  if (facts.forceRebuild) return rebuild('requested');
  if (state === null) return rebuild('no state');
  if (state.zone !== facts.zone) return rebuild(`zone changed from ${state.zone} to ${facts.zone}`);
  if (state.spec !== facts.spec) return rebuild(`rules of the timeframe changed from ${state.spec} to ${facts.spec}`);
  if (state.sourceBuiltAt !== facts.sourceBuiltAt) return rebuild('source was rebuilt');
  if (!facts.hasBars) return rebuild('no bars');

  const hasConsumed = !Number.isNaN(state.lastTs);
  if (hasConsumed && earliestChangedTs !== null && earliestChangedTs <= state.lastTs) {
    // An emptied source (NaN) has lost its first row too.
    return earliestChangedTs > sourceFirstTs
      ? { kind: 'rewind', fromTsMs: earliestChangedTs }
      : rebuild('history changed from its first row');
  }
  if (Number.isNaN(sourceLastTs)) return hasConsumed ? rebuild('source is empty') : { kind: 'noop' };
  if (!hasConsumed || sourceLastTs > state.lastTs) return { kind: 'append' };
  if (sourceLastTs < state.lastTs) return rebuild('source ends before the last row consumed');
  return { kind: 'noop' };
}

function rebuild(reason: string): RefreshPlan {
  return { kind: 'rebuild', reason };
}
