import type { Revision, StateGroup } from '@ta/state-store';
import type { Action, Reason } from './action.ts';

/** The current inputs of a timeframe of bars or EMAs. Instants are epoch ms; stamps are only compared for equality. */
export interface Inputs {
  /** Zone of the bars; absent for EMAs, which have none of their own. */
  readonly zone?: string;
  readonly dailyBuiltAtMs: number;
  readonly dailyRevision: number;
  /** Build of the bars that EMAs read; absent for bars. */
  readonly barsBuiltAtMs?: number;
  /** Stamp by which an operator resets EMAs; absent for bars. */
  readonly resetStampMs?: number;
  /** First and last daily row to be processed; NaN without any. */
  readonly firstTs: number;
  readonly lastTs: number;
  /** Earliest daily row that changed since the state was written or has to be processed again; null for none. */
  readonly changedFromTs: number | null;
  readonly isForced: boolean;
}

/**
 * Decides how stored rows of one timeframe are brought up to date.
 *
 * A change in the middle needs a rewind to its instant. A change at or before the first row moves the origin of everything
 * (numbers, aligned windows, the partial first bar, seeds) and needs a rebuild.
 *
 * @see docs/state-management.md#rules
 */
export function rebuildOrAppend(state: StateGroup | undefined, inputs: Inputs): Action {
  if (inputs.isForced) return { kind: 'rebuild', reason: 'requested' };
  if (state === undefined) return { kind: 'rebuild', reason: 'no_state' };
  const difference = differenceOf(state, inputs);
  if (difference !== null) return { kind: 'rebuild', reason: difference };

  const { firstTs, lastTs, changedFromTs } = inputs;
  if (changedFromTs !== null && changedFromTs <= state.lastTs) {
    return changedFromTs > firstTs
      ? { kind: 'rewind', reason: 'history_changed', fromTsMs: changedFromTs }
      : { kind: 'rebuild', reason: 'first_row_changed' };
  }
  if (Number.isNaN(state.lastTs) || lastTs > state.lastTs) return { kind: 'append', reason: 'later_rows' };
  if (lastTs < state.lastTs) return { kind: 'rebuild', reason: 'rows_vanished' };
  if (state.dailyRevision !== inputs.dailyRevision) return { kind: 'append', reason: 'state_only' };
  return { kind: 'noop', reason: 'in_step' };
}

function differenceOf(state: StateGroup, inputs: Inputs): Reason | null {
  const isOther = (now: number | undefined, then: number) => now !== undefined && !Object.is(now, then);
  if (isOther(inputs.resetStampMs, state.resetStampMs)) return 'reset';
  if (inputs.zone !== undefined && inputs.zone !== state.zone) return 'zone_changed';
  if (!state.isAsSpecified) return 'rules_changed';
  if (state.isEdited) return 'edited_state';
  if (isOther(inputs.dailyBuiltAtMs, state.dailyBuiltAtMs)) return 'daily_rebuilt';
  return isOther(inputs.barsBuiltAtMs, state.barsBuiltAtMs) ? 'bars_rebuilt' : null;
}

/**
 * The earliest instant (epoch ms) that changed in stored daily history since a derived step last read it; null if none did.
 *
 * @param revisions every revision of the id's daily history
 * @param consumed the last revision that the derived step has seen
 */
export function earliestChange(revisions: readonly Revision[], consumed: number): number | null {
  const unseen = revisions.filter((revision) => revision.revision > consumed).map((revision) => revision.firstTs);
  return unseen.length === 0 ? null : Math.min(...unseen);
}
