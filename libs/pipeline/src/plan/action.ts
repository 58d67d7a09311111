/** Why a step does what it does. */
export type Reason =
  | 'in_step'
  /** Asked for: `--full-rebuild`, or days of EMAs. */
  | 'requested'
  | 'no_state'
  /** A hand has changed the state: what it says is not what was written. */
  | 'edited_state'
  /** The state of the daily bars is not theirs. */
  | 'untrue_state'
  | 'zone_changed'
  /** The zone has other rules than those by which the stored days were decided. */
  | 'day_rules_changed'
  /** Close rule, weekdays or holidays of the asset are others than when its bars were built. */
  | 'trading_days_changed'
  /** The timeframe, or the parameters or periods of EMAs, are others than when it was built. */
  | 'rules_changed'
  | 'daily_rebuilt'
  | 'bars_rebuilt'
  /** An operator reset the EMAs. */
  | 'reset'
  | 'first_row_changed'
  | 'history_changed'
  | 'rows_vanished'
  | 'later_rows'
  /** A later row was added and removed again: nothing to write, but the state must record that it is in step. */
  | 'state_only'
  | 'no_source'
  | 'no_daily_bars'
  /** There is no state either: whatever rows there may be go. */
  | 'nothing_stored'
  /** A state of a timeframe that is not built here. */
  | 'no_timeframe'
  /** No daily row lies within the days that were asked for. */
  | 'out_of_reach'
  /** The bars that EMAs are made of are not in step with the daily bars. */
  | 'bars_behind'
  /** A change of history that the run may not rebuild (`--on-backfill fail`). */
  | 'backfill_refused'
  /** The bars are too old for EMAs, or ahead of the clock. */
  | 'stale'
  /** An earlier step failed. */
  | 'earlier_step';

/**
 * What is done with the rows of one timeframe. `append` writes later rows; `rewind` replaces the rows from an instant on;
 * `rebuild` replaces all; `clear` deletes all, with their state; `forget` deletes a state alone; `blocked` leaves everything
 * as it is, and undone.
 */
export type Action =
  | { readonly kind: 'noop' | 'append' | 'rebuild' | 'clear' | 'forget' | 'blocked'; readonly reason: Reason }
  | { readonly kind: 'rewind'; readonly reason: Reason; readonly fromTsMs: number };
