import { ONE_DAY_MS, openingOfCivilDay, type CivilDay } from '@ta/bars-core/engine';
import type { Session } from '@ta/state-store';
import { readZone } from './stored-settings.ts';

/** The days of a database. */
export interface DayOpenings {
  /** IANA zone of the days. */
  readonly zone: string;
  /** First instant (epoch ms) of the day that is given by its beginning in UTC (epoch ms). */
  openingOf(utcDayMs: number): number;
}

/** When the days of a database begin: what a bare date in a flag means. */
export async function readDayOpenings(session: Session): Promise<DayOpenings> {
  const zone = await readZone(session);
  const opening = openingOfCivilDay(zone);
  return { zone, openingOf: (utcDayMs) => opening((utcDayMs / ONE_DAY_MS) as CivilDay) };
}
