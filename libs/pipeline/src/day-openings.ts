import { ONE_DAY_MS, openingOfCivilDay, type CivilDay } from '@ta/bars-core/engine';
import type { Session } from '@ta/state-store';
import { readZone } from './stored-settings.ts';

/** The civil days of a database. */
export interface DayOpenings {
  /** IANA zone of these days. */
  readonly zone: string;
  /** First instant (epoch ms) of a civil day; the argument is midnight UTC of the same date (epoch ms). */
  openingOf(utcDayMs: number): number;
}

/** Reads when the civil days of a database begin, to convert a date in a flag to an instant. */
export async function readDayOpenings(session: Session): Promise<DayOpenings> {
  const zone = await readZone(session);
  const opening = openingOfCivilDay(zone);
  return { zone, openingOf: (utcDayMs) => opening((utcDayMs / ONE_DAY_MS) as CivilDay) };
}
