import type { CivilDay } from './civil-day.ts';
import { civilDayOfInstant, openingOfCivilDay } from './zone-day.ts';

/**
 * The opening instant of each row's day (spec README, ruling 16): the row's own opening where it lies in that day, else the
 * first instant of the civil day in the zone, which may have 23, 24 or 25 hours.
 *
 * @param timeOpen opening instants as the source has them, epoch ms UTC; NaN is "not known"
 * @param day civil day of each row
 * @throws BarsError `BARS_BAD_ZONE`
 */
export function dayOpenings(timeOpen: Float64Array, day: Int32Array, zone: string): Float64Array {
  const dayOf = civilDayOfInstant(zone);
  const openingOf = openingOfCivilDay(zone);
  const openings = new Float64Array(day.length);
  for (let row = 0; row < day.length; row++) {
    const own = timeOpen[row];
    openings[row] = Number.isFinite(own) && dayOf(own) === day[row] ? own : openingOf(day[row] as CivilDay);
  }
  return openings;
}

/**
 * The instants that lie inside the civil day of their row; NaN, "not known", in place of the others.
 *
 * @throws BarsError `BARS_BAD_ZONE`
 */
export function instantsInDay(instants: Float64Array, day: Int32Array, zone: string): Float64Array {
  const dayOf = civilDayOfInstant(zone);
  return instants.map((instant, row) => (Number.isFinite(instant) && dayOf(instant) === day[row] ? instant : NaN));
}
