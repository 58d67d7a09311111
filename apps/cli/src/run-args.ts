import { DEFAULT_STALENESS_HOURS } from '@ta/pipeline/default-staleness-hours';
import type { BackfillPolicy, Builder, Component, EmaSource, Periods, RefreshRequest, Refresher } from '@ta/pipeline';

/** What a run computes, as opposed to how it does that (concurrency, time limits, output). */
export interface RunTask {
  readonly components: readonly Component[];
  readonly builders: readonly Builder[];
  readonly refreshers: readonly Refresher[];
  /** Null for all tables of the refreshers. */
  readonly emaTables: readonly EmaSource['table'][] | null;
  /** The zone given by flags; absent for that of the database. The same holds for the periods. */
  readonly zone?: string;
  readonly periods?: Periods;
  readonly fullRebuild: boolean;
  readonly lookbackDays: number;
  readonly onBackfill: BackfillPolicy;
  readonly judgeEmas: boolean;
  /** First and last day of EMAs, `YYYY-MM-DD`. */
  readonly start?: string;
  readonly end?: string;
}

/** The task of a run without flags. */
export const UNASKED = {
  emaTables: null,
  fullRebuild: false,
  lookbackDays: 3,
  onBackfill: 'rebuild',
  judgeEmas: true,
} satisfies Partial<RunTask>;

/** The rules by which a run skips something, continues, or fails. */
export interface RunRules {
  readonly skipStaleCheck: boolean;
  readonly stalenessHours: number;
  readonly continueOnError: boolean;
  readonly isDeepCheck: boolean;
  readonly failOnRejects: boolean;
  readonly failOnValidation: boolean;
  /** The time given by --as-of, ISO 8601; absent when the run uses the current time. */
  readonly clock?: string;
}

/** The rules of a run without flags. */
export const UNRULED: RunRules = {
  skipStaleCheck: false,
  stalenessHours: DEFAULT_STALENESS_HOURS,
  continueOnError: false,
  isDeepCheck: false,
  failOnRejects: false,
  failOnValidation: false,
};

/** What a run was asked to do, as stored in `ops_runs.args` and read back by `--resume`. */
export interface RunArgs extends Record<string, unknown>, RunTask, RunRules {
  readonly ids: readonly number[];
  readonly zone: string;
  readonly periods: readonly number[];
  readonly asOf: string;
  /** Part of the ids that the run was for, `i/n`; absent for all of them. */
  readonly shard?: string;
  /** Whether workers executed its items; absent when this process did. */
  readonly isDistributed?: true;
  /** The runs that it resumed, the latest first; absent when there is none. */
  readonly resumed?: readonly string[];
}

/** A request, its clock, the shard that it is for, and the runs that it resumes. */
export interface RunRequest extends RefreshRequest, Pick<RunRules, 'clock'>, Pick<RunArgs, 'shard'> {
  readonly resumedRunIds: readonly string[];
}

/** The arguments of a run by its request. */
export function argsOf(request: RunRequest, more: Pick<RunArgs, 'isDistributed'>): RunArgs {
  const { components, builders, refreshers, ids, settings, nowMs, emaTables, resumedRunIds, shard } = request;
  const { skipStaleCheck, stalenessHours, continueOnError, isDeepCheck = false, failOnRejects, clock } = request;
  const { zone, periods, fullRebuild, lookbackDays, onBackfill, judgeEmas, emaDays } = settings;
  return {
    ...{ components, builders, refreshers, emaTables: emaTables === undefined ? null : [...emaTables], ids },
    ...{ zone, periods, fullRebuild, lookbackDays, onBackfill, judgeEmas },
    ...{ skipStaleCheck, stalenessHours, continueOnError, isDeepCheck },
    failOnRejects: failOnRejects?.bars === true,
    failOnValidation: failOnRejects?.emas === true,
    ...(clock === undefined ? {} : { clock }),
    asOf: new Date(nowMs).toISOString(),
    ...(emaDays?.firstDay === undefined ? {} : { start: emaDays.firstDay }),
    ...(emaDays?.lastDay === undefined ? {} : { end: emaDays.lastDay }),
    ...(shard === undefined ? {} : { shard }),
    ...(resumedRunIds.length === 0 ? {} : { resumed: resumedRunIds }),
    ...more,
  };
}

/**
 * Reads stored arguments of a refresh; undefined for any other value. Values that an earlier version did not store are filled in
 * with the fixed behaviour of that version.
 */
export function runArgsOf(args: unknown): RunArgs | undefined {
  if (typeof args !== 'object' || args === null) return undefined;
  const { components, builders, refreshers, ids, periods, zone } = args as Record<string, unknown>;
  const isRefresh = [components, builders, refreshers, ids, periods].every(Array.isArray) && typeof zone === 'string';
  if (!isRefresh) return undefined;
  return { ...UNASKED, ...UNRULED, ...args } as RunArgs;
}
