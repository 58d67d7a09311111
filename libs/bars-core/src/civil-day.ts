import { BarsError } from './errors.ts';

/** A civil date as whole days since 1970-01-01 in the proleptic Gregorian calendar; it has no zone. */
export type CivilDay = number & { readonly __civilDay: unique symbol };

/** Length of a civil day of 24 hours, in milliseconds. */
export const ONE_DAY_MS = 86_400_000;

/** "No day" in a column of days (`Int32Array`), which cannot hold NaN; it becomes NULL in the database. */
export const NO_DAY = -2_147_483_648 as CivilDay;

/** A civil date in its parts; month and day count from 1. */
export interface YearMonthDay {
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

const DAYS_PER_ERA = 146_097; // 400 Gregorian years
const DAYS_FROM_0000_03_01_TO_1970_01_01 = 719_468;

/** Years are counted from 1 March, so that the leap day is the last day of its year and months have fixed offsets. */
function daysFromParts(year: number, month: number, day: number): number {
  const marchYear = month <= 2 ? year - 1 : year;
  const era = Math.floor(marchYear / 400);
  const yearOfEra = marchYear - era * 400;
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * DAYS_PER_ERA + dayOfEra - DAYS_FROM_0000_03_01_TO_1970_01_01;
}

/**
 * The civil day of a year, month (1–12) and day of month (1–31).
 *
 * @throws BarsError `BARS_BAD_DATE` when there is no such date, as for 2023-02-29.
 * @example
 * ```ts
 * civilDay(1970, 1, 1); // 0
 * ```
 */
export function civilDay(year: number, month: number, day: number): CivilDay {
  const result = daysFromParts(year, month, day) as CivilDay;
  const parts = Number.isSafeInteger(result) ? ymd(result) : null;
  if (parts === null || parts.year !== year || parts.month !== month || parts.day !== day) {
    throw new BarsError('BARS_BAD_DATE', `year ${year}, month ${month}, day ${day} is not a civil date`, {
      context: { year, month, day },
    });
  }
  return result;
}

/** Year, month (1–12) and day of month (1–31) of a civil day. */
export function ymd(day: CivilDay): YearMonthDay {
  const shifted = day + DAYS_FROM_0000_03_01_TO_1970_01_01;
  const era = Math.floor(shifted / DAYS_PER_ERA);
  const dayOfEra = shifted - era * DAYS_PER_ERA;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1_460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const marchMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9;
  return {
    year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0),
    month,
    day: dayOfYear - Math.floor((153 * marchMonth + 2) / 5) + 1,
  };
}

/** ISO 8601 text of a civil day: `YYYY-MM-DD`, or `±YYYYYY-MM-DD` outside the years 0 to 9999. */
export function formatCivilDay(day: CivilDay): string {
  const { year, month, day: dayOfMonth } = ymd(day);
  const yearText =
    year >= 0 && year <= 9_999
      ? String(year).padStart(4, '0')
      : `${year < 0 ? '-' : '+'}${String(Math.abs(year)).padStart(6, '0')}`;
  return `${yearText}-${String(month).padStart(2, '0')}-${String(dayOfMonth).padStart(2, '0')}`;
}

const ISO_DATE = /^(\d{4}|[+-]\d{6})-(\d{2})-(\d{2})$/;

/**
 * The civil day of an ISO 8601 date text, the inverse of {@link formatCivilDay}.
 *
 * @throws BarsError `BARS_BAD_DATE` when the text does not have that form or there is no such date.
 */
export function parseCivilDay(text: string): CivilDay {
  const match = ISO_DATE.exec(text);
  if (match === null) {
    throw new BarsError('BARS_BAD_DATE', `date '${text}' is not of the form YYYY-MM-DD`, { context: { text } });
  }
  return civilDay(Number(match[1]), Number(match[2]), Number(match[3]));
}
