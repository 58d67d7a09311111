/** Why an id's bars are not fresh enough for EMAs (operations.md 2.2). */
export type StaleReason = 'stale' | 'no_state' | 'bars_failed';

/** An id left out of the EMA step. */
export interface StaleId {
  readonly id: number;
  readonly reason: StaleReason;
  /** Newest stored daily bar, epoch ms; null when there is none. */
  readonly lastSourceTs: number | null;
  /** Age of that bar in hours; null when there is none. */
  readonly ageHours: number | null;
}

/** What the gate let through. */
export interface FreshnessResult {
  readonly fresh: readonly number[];
  readonly stale: readonly StaleId[];
  /** Ids whose newest bar lies after the run's clock: let through, but worth a warning. */
  readonly future: readonly number[];
}

const HOUR_MS = 3_600_000;

/**
 * Splits ids by the age of their newest daily bar. An age of exactly `maxAgeHours` is fresh; a negative age is fresh too.
 *
 * @param lastSourceTs newest daily bar per id, epoch ms; ids without a bar are absent
 * @param barsFailed ids whose bar step failed in this run
 * @param nowMs the run's clock, epoch ms
 */
export function checkFreshness(
  ids: readonly number[],
  lastSourceTs: ReadonlyMap<number, number>,
  barsFailed: ReadonlySet<number>,
  nowMs: number,
  maxAgeHours: number,
): FreshnessResult {
  const fresh: number[] = [];
  const stale: StaleId[] = [];
  const future: number[] = [];
  for (const id of ids) {
    const last = lastSourceTs.get(id) ?? null;
    const ageHours = last === null ? null : (nowMs - last) / HOUR_MS;
    if (barsFailed.has(id)) stale.push({ id, reason: 'bars_failed', lastSourceTs: last, ageHours });
    else if (last === null || ageHours === null) stale.push({ id, reason: 'no_state', lastSourceTs: null, ageHours });
    else if (ageHours > maxAgeHours) stale.push({ id, reason: 'stale', lastSourceTs: last, ageHours });
    else {
      fresh.push(id);
      if (ageHours < 0) future.push(id);
    }
  }
  return { fresh, stale, future };
}
