import { utcDayText } from '@ta/bars-core/engine';
import { isNoop, judgeAge, type PlannedStep, type Reason } from '@ta/pipeline';
import type { NewestDays, StateGroup } from '@ta/state-store';
import type { Freshness, FreshnessCell } from './api.ts';

/** The facts from which a cell of the map is judged. */
export interface StepFacts {
  /** First instant of source changes that no refresh has read, epoch ms; null for none. */
  readonly changedFromTs: number | null;
  /** States of its table, one group or more; none for the daily bars. */
  readonly states: readonly StateGroup[];
  /** The steps of the plan for its table. */
  readonly planned: readonly PlannedStep[];
  /** Newest daily bars of the asset; absent without any. */
  readonly newest: NewestDays | undefined;
  /** Why it failed in the last run. */
  readonly failure: string | undefined;
}

/** The clock and the limit that freshness is judged by. */
export type FreshnessClock = Pick<Freshness, 'nowMs' | 'maxAgeHours'>;

/** Freshness of the daily bars of one asset. */
export function judgeDaily(facts: StepFacts, clock: FreshnessClock): FreshnessCell {
  const newestTs = facts.newest?.lastTs ?? null;
  return judge(facts, newestTs, 'No daily bar yet: import prices, then refresh', clock, (reason) => {
    if (reason !== 'history_changed' && reason !== 'later_rows') return { status: 'behind', why: WHY[reason] };
    const from = utcDayText(facts.changedFromTs as number);
    return { status: 'pending', why: `Source changes that no refresh has read yet, from ${from} on` };
  });
}

/** Freshness of bars or EMAs that derive from the daily bars. */
export function judgeDerived(facts: StepFacts, clock: FreshnessClock): FreshnessCell {
  const never = facts.newest === undefined ? 'Nothing to build from: there is no daily bar' : 'Not built yet';
  const seen = facts.states.map(({ lastTs }) => lastTs).filter((ts) => !Number.isNaN(ts));
  const newestTs = seen.length === 0 ? null : Math.min(...seen);
  return judge(facts, newestTs, never, clock, (reason) => {
    const lastTs = facts.newest?.lastTs;
    if (newestTs === null || lastTs === undefined || newestTs >= lastTs) return { status: 'behind', why: WHY[reason] };
    return { status: 'behind', why: `Has days up to ${utcDayText(newestTs)}, daily bars reach ${utcDayText(lastTs)}` };
  });
}

/** The text of the page for each reason. */
const WHY: Readonly<Record<Reason, string>> = {
  in_step: '',
  out_of_reach: '',
  requested: 'It is being rebuilt',
  no_state: 'Some timeframes are not built yet',
  edited_state: 'Its state was changed by hand: the next refresh rebuilds it',
  untrue_state: 'The state does not match the daily bars: the next refresh rebuilds everything',
  zone_changed: 'The zone of the days has changed: the next refresh rebuilds everything',
  trading_days_changed:
    'The trading days or the close rule of the asset have changed: the next refresh rebuilds everything',
  day_rules_changed: 'The rules of the zone have changed: the next refresh checks all days',
  rules_changed: 'Its timeframe, parameters or periods have changed: the next refresh rebuilds it',
  daily_rebuilt: 'The daily bars were rebuilt later: it is not built from them yet',
  bars_rebuilt: 'Its bars were rebuilt later: it is not built from them yet',
  reset: 'It was reset: the next refresh rebuilds it',
  first_row_changed: 'Corrections of daily history are not applied yet',
  history_changed: 'Corrections of daily history are not applied yet',
  rows_vanished: 'It has days after the newest daily bar: the next refresh rebuilds it',
  later_rows: 'Later daily bars are not included yet',
  state_only: 'Corrections of daily history are not applied yet',
  no_source: 'Its prices are gone: the next refresh removes its bars',
  no_daily_bars: 'Its daily bars are gone: the next refresh rebuilds it',
  nothing_stored: 'Its daily bars are gone: the next refresh rebuilds it',
  no_timeframe: 'A state belongs to a timeframe that is not built here',
  bars_behind: 'Its bars are behind the daily bars',
  backfill_refused: 'A change of history was refused',
  stale: 'The bars are too old',
  earlier_step: 'An earlier step failed',
};

/** Judges a cell by the first that applies: a failure, nothing built, pending work, age. */
function judge(
  { failure, planned, newest }: StepFacts,
  newestTs: number | null,
  never: string,
  clock: FreshnessClock,
  waiting: (reason: Reason) => Omit<FreshnessCell, 'newestTs'>,
): FreshnessCell {
  if (failure !== undefined) return { status: 'failed', newestTs, why: `The last run failed here: ${failure}` };
  if (newestTs === null) return { status: 'never', newestTs, why: never };
  const work = planned.find((step) => !isNoop(step));
  if (work !== undefined) return { ...waiting(work.action.reason), newestTs };
  return byAge(newestTs, newest, clock);
}

function byAge(
  newestTs: number,
  newest: NewestDays | undefined,
  { nowMs, maxAgeHours }: FreshnessClock,
): FreshnessCell {
  const { notAheadTs = null, restingMs } = newest ?? {};
  const { is, ageHours } = judgeAge({ lastTs: newestTs, notAheadTs, restingMs }, nowMs, maxAgeHours);
  const age = ageHours === null ? '' : `, ${ageText(ageHours)} old`;
  const why = `Newest day ${utcDayText(newestTs)}`;
  if (is === 'fresh') return { status: is, newestTs, why: why + age };
  if (is !== 'ahead') return { status: 'stale', newestTs, why: `${why}${age}: more than ${maxAgeHours} hours` };
  const other = notAheadTs === null ? 'no other day' : `without such days the newest is ${utcDayText(notAheadTs)}`;
  return { status: is, newestTs, why: `${why} is ahead of the clock; ${other}${age}` };
}

function ageText(hours: number): string {
  if (hours < 0) return 'less than a day';
  return hours < 72 ? `${Math.round(hours)} hours` : `${Math.round(hours / 24)} days`;
}
