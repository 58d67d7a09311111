/** The reasons for an action. */
export type Reason =
  | 'in_step'
  /** The user requested it: `--full-rebuild`, or days of EMAs. */
  | 'requested'
  | 'no_state'
  /** The state was edited by hand: it is not what was written. */
  | 'edited_state'
  /** The state of the daily bars does not match them. */
  | 'untrue_state'
  | 'zone_changed'
  /** The rules of the zone have changed since the stored days were determined. */
  | 'day_rules_changed'
  /** Close rule, weekdays or holidays of the asset have changed since its bars were built. */
  | 'trading_days_changed'
  /** The timeframe, or the parameters or periods of EMAs, have changed since it was built. */
  | 'rules_changed'
  | 'daily_rebuilt'
  | 'bars_rebuilt'
  /** An operator reset the EMAs. */
  | 'reset'
  | 'first_row_changed'
  | 'history_changed'
  | 'rows_vanished'
  | 'later_rows'
  /** A later row was added and removed again: there is nothing to write, but the state must record that it is up to date. */
  | 'state_only'
  | 'no_source'
  | 'no_daily_bars'
  /** There are no daily bars and no state: any stored rows are deleted. */
  | 'nothing_stored'
  /** The state belongs to a timeframe that is not built in this table. */
  | 'no_timeframe'
  /** No daily row is within the requested days. */
  | 'out_of_reach'
  /** The bars that the EMAs read are not up to date with the daily bars. */
  | 'bars_behind'
  /** History changed, and the run is not allowed to rebuild it (`--on-backfill fail`). */
  | 'backfill_refused'
  /** The bars are too old for EMAs, or ahead of the clock. */
  | 'stale'
  /** An earlier step failed. */
  | 'earlier_step';

/**
 * What is done with the rows of one timeframe. `append` writes later rows; `rewind` replaces the rows that differ from an instant
 * on; `rebuild` replaces all rows; `clear` deletes all rows and their state; `forget` deletes only a state; `blocked` changes
 * nothing, although there is work to do.
 */
export type Action =
  | { readonly kind: 'noop' | 'append' | 'rebuild' | 'clear' | 'forget' | 'blocked'; readonly reason: Reason }
  | { readonly kind: 'rewind'; readonly reason: Reason; readonly fromTsMs: number };
