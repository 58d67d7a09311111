import { civilDayOfInstant, openingOfCivilDay, type CivilDay } from '@ta/bars-core/engine';

/** The civil days of a zone and the instants at which they begin. */
export interface ZoneDays {
  /** Civil day (days since 1970-01-01) of an instant in epoch milliseconds. */
  dayOf(epochMs: number): number;
  /** First instant of a civil day, epoch milliseconds. */
  startOf(day: number): number;
}

/** @throws BarsError `BARS_BAD_ZONE` when the platform does not know the zone */
export function zoneDays(zone: string): ZoneDays {
  const openingOf = openingOfCivilDay(zone);
  return { dayOf: civilDayOfInstant(zone), startOf: (day) => openingOf(day as CivilDay) };
}
