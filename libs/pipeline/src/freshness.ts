import { isAhead, type NewestDays } from '@ta/state-store';

/**
 * Why an id's bars are not fresh enough for EMAs (docs/operations.md). `ahead`: a bar is more than a day after the run's
 * clock, so the newest bar does not show whether prices still arrive.
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

/** The result of the freshness check. */
export interface FreshnessResult {
  readonly fresh: readonly number[];
  readonly stale: readonly StaleId[];
  /** Fresh ids whose newest bar is after the run's clock, by a day at most: worth a warning. */
  readonly future: readonly number[];
}

const HOUR_MS = 3_600_000;

/** The age of an asset, judged by a clock. */
export interface Age {
  readonly is: 'fresh' | Exclude<StaleReason, 'bars_failed'>;
  /** Age in hours of the newest bar that is not ahead of the clock, days without trading left out; null when there is none. */
  readonly ageHours: number | null;
}

/**
 * The age of an asset, by its newest daily bar that is not ahead of the clock. An age of exactly `maxAgeHours` is fresh; a
 * negative age, of a day at most, is fresh too.
 *
 * @param days its newest daily bars; null when it has none
 * @param nowMs the clock, epoch ms
 */
export function judgeAge(days: NewestDays | null, nowMs: number, maxAgeHours: number): Age {
  if (days === null) return { is: 'no_state', ageHours: null };
  const ageHours = days.notAheadTs === null ? null : (nowMs - days.notAheadTs - (days.restingMs ?? 0)) / HOUR_MS;
  if (isAhead(days.lastTs, nowMs)) return { is: 'ahead', ageHours };
  return { is: ageHours === null || ageHours > maxAgeHours ? 'stale' : 'fresh', ageHours };
}

/**
 * Splits ids by the age of their newest daily bar that is not ahead of the clock ({@link judgeAge}).
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
    const days = newestDays.get(id) ?? null;
    const { is, ageHours } = judgeAge(days, nowMs, maxAgeHours);
    const reason = barsFailed.has(id) ? 'bars_failed' : is === 'fresh' ? null : is;
    const last = days?.lastTs ?? null;
    if (reason !== null) stale.push({ id, reason, lastSourceTs: last, ageHours });
    else {
      fresh.push(id);
      if (ageHours !== null && ageHours < 0) future.push(id);
    }
  }
  return { fresh, stale, future };
}
