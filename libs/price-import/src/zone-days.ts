import { civilDayOfInstant, ONE_DAY_MS, type CivilDay } from '@ta/bars-core/engine';

/** The civil days of a zone and the instants at which they begin. */
export interface ZoneDays {
  /** Civil day (days since 1970-01-01) of an instant in epoch milliseconds. */
  dayOf(epochMs: number): number;
  /** First instant of a civil day, epoch milliseconds. */
  startOf(day: number): number;
}

/** No zone is further from UTC than this, nor ever was. */
const FURTHEST_MS = 16 * 3_600_000;

/** @throws BarsError `BARS_BAD_ZONE` when the platform does not know the zone */
export function zoneDays(zone: string): ZoneDays {
  const dayOf = civilDayOfInstant(zone);
  if (zone === 'UTC') return { dayOf, startOf: (day) => day * ONE_DAY_MS };
  const known = new Map<number, number>();
  const startOf = (day: number): number => {
    let start = known.get(day);
    if (start === undefined) known.set(day, (start = firstInstant(dayOf, day)));
    return start;
  };
  return { dayOf, startOf };
}

/**
 * Finds the first instant of a civil day by bisection, since the civil day does not go back as time goes on. It does go back in
 * zones whose clocks were set back just after midnight, such as America/St_Johns until 2010.
 */
function firstInstant(dayOf: (epochMs: number) => CivilDay, day: number): number {
  let before = day * ONE_DAY_MS - FURTHEST_MS;
  let from = day * ONE_DAY_MS + FURTHEST_MS;
  while (from - before > 1) {
    const middle = before + Math.floor((from - before) / 2);
    if (dayOf(middle) < day) before = middle;
    else from = middle;
  }
  return from;
}
