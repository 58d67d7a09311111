/** Why a series has to be computed again from its first input. */
export type EmaRebuildReason =
  | 'no_state'
  | 'forced'
  | 'reset'
  | 'params_changed'
  | 'periods_changed'
  | 'daily_rebuilt'
  | 'bars_rebuilt'
  | 'first_input_changed'
  | 'inputs_vanished';

/** What a refresh has to do: nothing, go on, replace the rows from an instant on, or start over. */
export type EmaPlan =
  | { readonly kind: 'noop' }
  | { readonly kind: 'append' }
  | { readonly kind: 'rewind'; readonly fromTsMs: number }
  | { readonly kind: 'rebuild'; readonly reason: EmaRebuildReason };

/** Mark of a build of the inputs; compared for equality only. */
export type BuildStamp = string | number | null;

/** What the last refresh left behind. */
export interface EmaRefreshState {
  readonly paramsHash: string;
  readonly periods: readonly number[];
  /** Build of the daily bars that was read. */
  readonly dailyBuiltAt: BuildStamp;
  /** Build of the bars of the timeframe that was read. */
  readonly barsBuiltAt: BuildStamp;
  /** Changes when an operator resets the asset. */
  readonly resetStamp: BuildStamp;
  /** Epoch ms of the last consumed row. */
  readonly lastTs: number;
}

/** What the inputs look like now. */
export interface EmaSourceFacts {
  readonly paramsHash: string;
  readonly periods: readonly number[];
  readonly dailyBuiltAt: BuildStamp;
  readonly barsBuiltAt: BuildStamp;
  readonly resetStamp: BuildStamp;
  /** Epoch ms of the first input row; null without any. */
  readonly firstTs: number | null;
  /** Epoch ms of the last input row; null without any. */
  readonly lastTs: number | null;
  /** Epoch ms of the earliest input that was added, changed or removed since the state was written; null if none. */
  readonly earliestChangedTs: number | null;
  readonly forceRebuild: boolean;
}

/**
 * Decides how to bring a series up to date.
 *
 * Without a state: `noop` if there are no inputs either, else `rebuild`. With one: `rebuild` if it is forced, a stamp, the
 * parameters or the periods differ, the change reaches the first input, or inputs have vanished without notice; `rewind` if an
 * input at or before the last consumed row changed; `append` if there are later rows; else `noop`.
 * @see emas.md 3.3
 */
export function planEmaRefresh(state: EmaRefreshState | null, facts: EmaSourceFacts): EmaPlan {
  const { firstTs, lastTs, earliestChangedTs } = facts;
  if (state === null) return lastTs === null ? { kind: 'noop' } : rebuild('no_state');
  if (facts.forceRebuild) return rebuild('forced');
  if (state.resetStamp !== facts.resetStamp) return rebuild('reset');
  if (state.paramsHash !== facts.paramsHash) return rebuild('params_changed');
  if (!samePeriods(state.periods, facts.periods)) return rebuild('periods_changed');
  if (state.dailyBuiltAt !== facts.dailyBuiltAt) return rebuild('daily_rebuilt');
  if (state.barsBuiltAt !== facts.barsBuiltAt) return rebuild('bars_rebuilt');
  if (firstTs === null || lastTs === null) return rebuild('inputs_vanished');
  if (earliestChangedTs !== null && earliestChangedTs <= state.lastTs) {
    return earliestChangedTs <= firstTs
      ? rebuild('first_input_changed')
      : { kind: 'rewind', fromTsMs: earliestChangedTs };
  }
  if (lastTs < state.lastTs) return rebuild('inputs_vanished');
  return { kind: lastTs > state.lastTs ? 'append' : 'noop' };
}

function rebuild(reason: EmaRebuildReason): EmaPlan {
  return { kind: 'rebuild', reason };
}

function samePeriods(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((period, i) => period === b[i]);
}
