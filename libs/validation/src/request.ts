import { DEFAULT_STALENESS_HOURS } from '@ta/pipeline/default-staleness-hours';
import { BAR_FAMILIES } from '@ta/bars-core/engine';
import { ValidationError } from './errors.ts';
import type { Severity } from './severity.ts';

/** How much is checked: the newest rows, all of history, or all of it with a second implementation in plain SQL. */
export const PROFILES = ['fast', 'full', 'paranoid'] as const;
/** One of {@link PROFILES}. */
export type Profile = (typeof PROFILES)[number];

/** Parts of the database that `families` may name: daily bars, the bar families with their EMAs, and the v2 EMAs. */
export const FAMILIES = ['1d', ...BAR_FAMILIES, 'v2'] as const;
/** One of {@link FAMILIES}. */
export type Family = (typeof FAMILIES)[number];

/**
 * Least relative tolerance of the comparison with the second implementation: SQL adds in another order than the cores, so its
 * sums differ in the last bits.
 */
export const SECOND_TOLERANCE = 1e-9;

/** What shall be validated, and how strictly. Instants are epoch ms UTC. */
export interface ValidationRequest {
  /** Ids, ascending; null for everything stored. */
  readonly ids: readonly number[] | null;
  /** Null for all. */
  readonly families: readonly Family[] | null;
  readonly tfs: readonly string[] | null;
  readonly periods: readonly number[] | null;
  /** Ids of the checks to run, such as `B07`; null for all. */
  readonly checks: readonly string[] | null;
  readonly skipChecks: readonly string[];
  readonly scope: 'bars' | 'emas' | 'all';
  /** First instant of the checked rows, inclusive; −Infinity for all. */
  readonly fromTs: number;
  /** Instant before which rows must lie; Infinity for all. */
  readonly untilTs: number;
  readonly profile: Profile;
  /** How many newest daily rows of an asset the fast profile recomputes. */
  readonly fastRows: number;
  /** How many newest daily rows it checks where rows are only read, not recomputed. */
  readonly fastReadRows: number;
  /** How many series the sampled checks take (E07 in the fast profile, the second implementation in `paranoid`). */
  readonly sampleSize: number;
  readonly seed: number;
  /** Largest relative difference of a recomputed EMA, volume or market cap. */
  readonly relTolerance: number;
  readonly stalenessHours: number;
  /** The clock by which freshness is judged. */
  readonly asOfTs: number;
  /** Findings this bad or worse fail the validation. */
  readonly failOn: Exclude<Severity, 'INFO'>;
  /** Connections used in parallel on PostgreSQL. */
  readonly concurrency: number;
  /** Rejected source rows are an error from `minCount` on, if they are more than `maxPercent` (docs/operations.md#alerts). */
  readonly rejectLimit: { readonly minCount: number; readonly maxPercent: number };
}

/** A request for everything, by the defaults of docs/operations.md#validation. */
export function validationRequest(
  choice: Partial<ValidationRequest> & Pick<ValidationRequest, 'asOfTs'>,
): ValidationRequest {
  const request: ValidationRequest = {
    ids: null,
    families: null,
    tfs: null,
    periods: null,
    checks: null,
    skipChecks: [],
    scope: 'all',
    fromTs: -Infinity,
    untilTs: Infinity,
    profile: 'full',
    fastRows: 200,
    fastReadRows: 20,
    sampleSize: 50,
    seed: 42,
    relTolerance: 0,
    stalenessHours: DEFAULT_STALENESS_HOURS,
    failOn: 'ERROR',
    concurrency: 2,
    rejectLimit: { minCount: 5, maxPercent: 1 },
    ...choice,
  };
  demand('sampleSize', request.sampleSize, request.sampleSize >= 1, 'a number of at least 1');
  demand('fastRows', request.fastRows, request.fastRows >= 1, 'a number of at least 1');
  demand('fastReadRows', request.fastReadRows, request.fastReadRows >= 1, 'a number of at least 1');
  demand('relTolerance', request.relTolerance, request.relTolerance >= 0, 'a number of at least 0');
  demand('stalenessHours', request.stalenessHours, request.stalenessHours > 0, 'a number above 0');
  demand('asOfTs', request.asOfTs, Number.isFinite(request.asOfTs), 'a finite instant');
  demand('untilTs', request.untilTs, request.untilTs > request.fromTs, 'an instant after fromTs');
  return request;
}

function demand(name: string, value: number, holds: boolean, expectation: string): void {
  if (holds) return;
  throw new ValidationError('VALIDATION_BAD_OPTION', `${name} is ${value}; expected ${expectation}`, {
    context: { [name]: value },
  });
}
