import { isAhead, type NewestDays } from '@ta/state-store';

/**
 * Why an id's bars are not fresh enough for EMAs (operations.md 2.2). `ahead`: a bar lies more than a day after the run's
 * clock, so that the newest bar says nothing about whether prices still arrive.
 */
export type StaleReason = 'stale' | 'no_state' | 'bars_failed' | 'ahead';

/** An id left out of the EMA step. */
export interface StaleId {
  readonly id: number;
  readonly reason: StaleReason;
  /** Newest stored daily bar, epoch ms; null when there is none. */
  readonly lastSourceTs: number | null;
  /** Age in hours of the newest bar that is not ahead of the clock; null when there is none. */
  readonly ageHours: number | null;
}

/** What the gate let through. */
export interface FreshnessResult {
  readonly fresh: readonly number[];
  readonly stale: readonly StaleId[];
  /** Ids whose newest bar lies after the run's clock, by a day at most: let through, but worth a warning. */
  readonly future: readonly number[];
}

const HOUR_MS = 3_600_000;

/**
 * Splits ids by the age of their newest daily bar that is not ahead of the clock. An age of exactly `maxAgeHours` is fresh;
 * a negative age, of a day at most, is fresh too.
 *
 * @param newestDays newest daily bars per id; ids without a bar are absent
 * @param barsFailed ids whose bar step failed in this run
 * @param nowMs the run's clock, epoch ms
 */
export function checkFreshness(
  ids: readonly number[],
  newestDays: ReadonlyMap<number, NewestDays>,
  barsFailed: ReadonlySet<number>,
  nowMs: number,
  maxAgeHours: number,
): FreshnessResult {
  const fresh: number[] = [];
  const stale: StaleId[] = [];
  const future: number[] = [];
  for (const id of ids) {
    const days = newestDays.get(id);
    const last = days?.lastTs ?? null;
    const ageHours = days?.notAheadTs == null ? null : (nowMs - days.notAheadTs) / HOUR_MS;
    const reason = barsFailed.has(id) ? 'bars_failed' : reasonOf(last, ageHours, nowMs, maxAgeHours);
    if (reason !== null) stale.push({ id, reason, lastSourceTs: last, ageHours });
    else {
      fresh.push(id);
      if (ageHours !== null && ageHours < 0) future.push(id);
    }
  }
  return { fresh, stale, future };
}

function reasonOf(lastTs: number | null, ageHours: number | null, nowMs: number, maxAgeHours: number) {
  if (lastTs === null) return 'no_state';
  if (isAhead(lastTs, nowMs)) return 'ahead';
  return ageHours === null || ageHours > maxAgeHours ? 'stale' : null;
}
