import { judgeAge } from '@ta/pipeline';
import type { FreshnessCell } from './api.ts';

/** What is known of the daily bars of one asset. */
export interface DailyFacts {
  /** Newest daily bar, epoch ms; null without any. */
  readonly newestTs: number | null;
  /** The newest that is not more than a day ahead of the clock; null without any. */
  readonly notAheadTs: number | null;
  readonly builtAtMs: number;
  readonly revision: number;
  /** Logged source changes that no refresh has taken in, and the earliest instant they touch. */
  readonly changes: number;
  readonly firstChangeTs: number | null;
}

/** What is known of one builder that derives from the daily bars; the extreme is over its timeframes. */
export interface DerivedFacts {
  /** Newest day that all its timeframes have taken in. */
  readonly newestTs: number | null;
  readonly sourceBuiltAtMs: number | null;
  readonly sourceRevision: number;
}

/** The clock of a judgement. */
export interface FreshnessClock {
  readonly nowMs: number;
  readonly maxAgeHours: number;
}

/** Freshness of the daily bars of one asset. */
export function judgeDaily(
  facts: DailyFacts | undefined,
  failure: string | undefined,
  clock: FreshnessClock,
): FreshnessCell {
  const never = 'No daily bar yet: import prices, then refresh';
  return judge(facts?.newestTs ?? null, facts, failure, never, clock, () => {
    if (facts === undefined || facts.changes === 0) return null;
    const from = facts.firstChangeTs === null ? '' : `, from ${dayText(facts.firstChangeTs)} on`;
    const why = `${facts.changes} source ${facts.changes === 1 ? 'change' : 'changes'} not taken in yet${from}`;
    return { status: 'pending', why };
  });
}

/** Freshness of bars or EMAs that derive from the daily bars. */
export function judgeDerived(
  facts: DerivedFacts | undefined,
  daily: DailyFacts | undefined,
  failure: string | undefined,
  clock: FreshnessClock,
): FreshnessCell {
  const never = daily?.newestTs == null ? 'Nothing to build from: there is no daily bar' : 'Not built yet';
  return judge(facts?.newestTs ?? null, daily, failure, never, clock, (newestTs) => {
    const why = facts === undefined ? null : reasonBehind(facts, newestTs, daily);
    return why === null ? null : { status: 'behind', why };
  });
}

/** The order in which reasons count: a failure, nothing at all, work that waits, age. */
function judge(
  newestTs: number | null,
  daily: DailyFacts | undefined,
  failure: string | undefined,
  never: string,
  clock: FreshnessClock,
  waiting: (newestTs: number) => Omit<FreshnessCell, 'newestTs'> | null,
): FreshnessCell {
  if (failure !== undefined) return { status: 'failed', newestTs, why: `The last run failed here: ${failure}` };
  if (newestTs === null) return { status: 'never', newestTs, why: never };
  const reason = waiting(newestTs);
  return reason === null ? byAge(newestTs, daily?.notAheadTs ?? null, clock) : { ...reason, newestTs };
}

function reasonBehind(facts: DerivedFacts, newestTs: number, daily: DailyFacts | undefined): string | null {
  if (daily === undefined || daily.newestTs === null) return 'Its daily bars are gone: the next refresh rebuilds';
  if (newestTs < daily.newestTs)
    return `Has days up to ${dayText(newestTs)}, daily bars reach ${dayText(daily.newestTs)}`;
  if (facts.sourceBuiltAtMs !== null && facts.sourceBuiltAtMs !== daily.builtAtMs) {
    return 'The daily bars were rebuilt after it';
  }
  if (facts.sourceRevision < daily.revision) {
    return `Corrections of daily history not taken in: ${daily.revision - facts.sourceRevision}`;
  }
  return null;
}

function byAge(newestTs: number, notAheadTs: number | null, { nowMs, maxAgeHours }: FreshnessClock): FreshnessCell {
  const { is, ageHours } = judgeAge({ lastTs: newestTs, notAheadTs }, nowMs, maxAgeHours);
  const age = ageHours === null ? '' : `, ${ageText(ageHours)} old`;
  if (is === 'ahead') {
    const other = notAheadTs === null ? 'no day that is not' : `the newest that is not is ${dayText(notAheadTs)}`;
    return { status: 'ahead', newestTs, why: `Newest day ${dayText(newestTs)} is ahead of the clock; ${other}${age}` };
  }
  const why = `Newest day ${dayText(newestTs)}${age}`;
  return is === 'fresh'
    ? { status: 'fresh', newestTs, why }
    : { status: 'stale', newestTs, why: `${why}: more than ${maxAgeHours} hours` };
}

function dayText(ts: number): string {
  return new Date(ts).toISOString().slice(0, 10);
}

function ageText(hours: number): string {
  if (hours < 0) return 'less than a day';
  return hours < 72 ? `${Math.round(hours)} hours` : `${Math.round(hours / 24)} days`;
}
