import type { CivilDay } from './civil-day.ts';
import { civilDayOfInstant, openingOfCivilDay } from './zone-day.ts';

/** The bounds of the civil days of rows, epoch ms UTC; with changes of summer time a day may have 23 or 25 hours. */
export interface DayBounds {
  /** First instant of each row's civil day. */
  readonly dayFrom: Float64Array;
  /** First instant of the next day. */
  readonly dayUntil: Float64Array;
}

/**
 * The civil day of each instant in a zone, and its bounds.
 *
 * @param ts instants, epoch ms UTC
 * @throws BarsError `BARS_BAD_ZONE`; `BARS_BAD_INSTANT` for an instant that is not finite
 */
export function civilDaysOf(ts: Float64Array, zone: string): DayBounds & { readonly day: Int32Array } {
  const openingOf = openingOfCivilDay(zone);
  const day = Int32Array.from(ts, civilDayOfInstant(zone));
  return {
    day,
    dayFrom: Float64Array.from(day, (each) => openingOf(each as CivilDay)),
    dayUntil: Float64Array.from(day, (each) => openingOf((each + 1) as CivilDay)),
  };
}

/**
 * The opening instant of each row's day (docs/bars.md#daily-bars): the row's own opening instant if it lies in that day, else the
 * first instant of the civil day.
 *
 * @param timeOpen opening instants as the source has them, epoch ms UTC; NaN is "not known"
 */
export function dayOpenings(timeOpen: Float64Array, bounds: DayBounds): Float64Array {
  return timeOpen.map((own, row) => (isInDay(own, row, bounds) ? own : bounds.dayFrom[row]));
}

/** The instants, with NaN ("not known") for those outside the civil day of their row. */
export function instantsInDay(instants: Float64Array, bounds: DayBounds): Float64Array {
  return instants.map((instant, row) => (isInDay(instant, row, bounds) ? instant : NaN));
}

function isInDay(instant: number, row: number, { dayFrom, dayUntil }: DayBounds): boolean {
  return instant >= dayFrom[row] && instant < dayUntil[row];
}
