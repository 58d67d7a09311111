import { ONE_DAY_MS } from '@ta/bars-core/engine';

/** Why a cell is not an instant; see {@link instantProblemText}. */
export type InstantProblem =
  | 'not_a_timestamp'
  | 'timestamp_without_zone'
  | 'impossible_date'
  | 'finer_than_microsecond'
  | 'ambiguous_epoch'
  | 'timestamp_out_of_range'
  | 'not_day_close'
  | 'not_a_date'
  | 'epoch_as_date'
  | 'day_number'
  | 'short_year'
  | 'has_time_of_day';

/** First and last UTC civil day that an import accepts: 1970-01-01T00:00Z or the year 2999 in a file is a defect. */
export const FIRST_DAY = 1;
/** 2199-12-31. */
export const LAST_DAY = 84_005;

const ISO_DATE_TIME =
  /^([0-9]{4})-([0-9]{2})-([0-9]{2})[T ]([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]{1,9}))?(Z|[+-][0-9]{2}(?::?[0-9]{2})?)?$/;
const WHOLE_NUMBER = /^-?[0-9]+$/;
const DAY_CLOSE = /^[0-9]{4}-[0-9]{2}-[0-9]{2} 23:59:59$/;
/** Dates in numbers: year, month and day with any usual separator or none; and day and month in either order, then the year. */
const YEAR_FIRST = /^([0-9]{4})([-/.]?)([0-9]{2})\2([0-9]{2})$/;
const YEAR_LAST = /^([0-9]{1,2})([-/.])([0-9]{1,2})\2([0-9]{4})$/;
const MONTH_IN_WORDS =
  /^(?:([a-z]{3})[a-z]*\.? ([0-9]{1,2}),? ([0-9]{4})|([0-9]{1,2})[ -]([a-z]{3})[a-z]*\.?,?[ -]([0-9]{4}))$/i;
const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
/** Midnight as a time of day after a date, with or without an offset: it adds nothing to the date. */
const MIDNIGHT = /[ T]00:00(?::00(?:\.0{1,9})?)?(?:Z| UTC|[+-](?:0[0-9]|1[0-5])(?::?[0-5][0-9])?)?$/;
const DAYS_IN_MONTH = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/**
 * Reads an instant: ISO 8601 date and time with a zone (`2025-10-26T23:59:59.999Z`, `2025-10-26 23:59:59.999+00`), or
 * epoch seconds (exactly 10 digits), milliseconds (13), microseconds (16) or nanoseconds (19, in whole microseconds).
 *
 * @param text the cell without surrounding blanks
 * @returns epoch milliseconds UTC, microseconds as a fraction; NaN for an empty cell (not known); or the reason why
 *   the cell is refused. Nothing is rolled over: 30 February, 24:00:00 and second 60 are impossible.
 */
export function parseInstant(text: string): number | InstantProblem {
  if (text === '') return Number.NaN;
  const usual = parseUsualInstant(text);
  if (usual === usual) return usual;
  if (WHOLE_NUMBER.test(text)) return parseEpoch(text);
  const match = ISO_DATE_TIME.exec(text);
  if (match === null) return 'not_a_timestamp';
  const [, year, month, day, hour, minute, second, fraction = '', zone] = match;
  if (zone === undefined) return 'timestamp_without_zone';
  if (Number(fraction.slice(6)) !== 0) return 'finer_than_microsecond';
  if (Number(second) > 59) return 'impossible_date';
  const dayMs = civilDayMs(Number(year), Number(month), Number(day));
  const timeMs = timeOfDayMs(Number(hour), Number(minute), Number(second));
  const zoneMs = zoneOffsetMs(zone);
  if (!(dayMs === dayMs && timeMs === timeMs && zoneMs === zoneMs)) return 'impossible_date';
  const micros = Number(fraction.slice(0, 6).padEnd(6, '0'));
  return inRange(dayMs + timeMs - zoneMs + micros / 1000);
}

/**
 * Reads the research set's `Date`, the last second of a UTC day.
 *
 * @param text `YYYY-MM-DD 23:59:59`, without surrounding blanks
 * @returns epoch milliseconds of the first instant of that day; NaN for an empty cell; or the reason of refusal
 */
export function parseDayClose(text: string): number | InstantProblem {
  if (text === '') return Number.NaN;
  if (!DAY_CLOSE.test(text)) return /^[0-9]{4}-[0-9]{2}-[0-9]{2}/.test(text) ? 'not_day_close' : 'not_a_timestamp';
  const dayMs = civilDayMs(digits(text, 0, 4), digits(text, 5, 2), digits(text, 8, 2));
  return dayMs === dayMs ? inRange(dayMs) : 'impossible_date';
}

/** In which order a file gives day, month and year as numbers. */
export type DateOrder = 'ymd' | 'dmy' | 'mdy';

/**
 * Reads a civil date, as days since 1970-01-01.
 *
 * @param text `2025-03-12`, `20250312`, `Mar 12, 2025`, `12 March 2025`, or numbers with the year last, in `order`; midnight
 *   as a time of day may follow, with or without an offset, and does not change the day
 * @param order how numbers with the year last are read; `ymd` refuses them
 * @returns the day, NaN for an empty cell, or the reason of refusal
 */
export function parseDate(text: string, order: DateOrder): number | InstantProblem {
  if (text === '') return Number.NaN;
  const date = text.replace(MIDNIGHT, '');
  const parts = dateParts(date, order);
  if (parts === null) return dateProblem(text);
  const dayMs = civilDayMs(...parts);
  if (dayMs !== dayMs) return 'impossible_date';
  const ms = inRange(dayMs);
  return typeof ms === 'string' ? ms : utcDay(ms);
}

function dateProblem(text: string): InstantProblem {
  if (/^\S+[ T][0-9]{1,2}:/.test(text)) return 'has_time_of_day';
  if (/^[0-9]{1,2}([-/. ])(?:[0-9]{1,2}|[a-z]{3})\1[0-9]{2}$/i.test(text)) return 'short_year';
  if (/^[2-9][0-9]{4}$/.test(text)) return 'day_number';
  return /^[0-9]{10}(?:[0-9]{3}){0,3}$/.test(text) ? 'epoch_as_date' : 'not_a_date';
}

/** The two small numbers of a date with the year last, in their order; null for any other text. */
export function yearLastParts(text: string): readonly [number, number] | null {
  const match = YEAR_LAST.exec(text.replace(MIDNIGHT, ''));
  return match === null ? null : [Number(match[1]), Number(match[3])];
}

function dateParts(date: string, order: DateOrder): [number, number, number] | null {
  const iso = YEAR_FIRST.exec(date);
  if (iso !== null) return [Number(iso[1]), Number(iso[3]), Number(iso[4])];
  const words = MONTH_IN_WORDS.exec(date);
  if (words !== null) {
    const month = MONTHS.indexOf((words[1] ?? words[5]).toLowerCase()) + 1;
    return [Number(words[3] ?? words[6]), month, Number(words[2] ?? words[4])];
  }
  const match = YEAR_LAST.exec(date);
  if (match === null || order === 'ymd') return null;
  const [first, second] = [Number(match[1]), Number(match[3])];
  return order === 'dmy' ? [Number(match[4]), second, first] : [Number(match[4]), first, second];
}

/** A sentence for people about an {@link InstantProblem}. */
export function instantProblemText(problem: InstantProblem): string {
  switch (problem) {
    case 'not_a_timestamp':
      return 'not an ISO date and time (2025-10-26T23:59:59.999Z) and not an epoch in seconds, milli-, micro- or nanoseconds';
    case 'timestamp_without_zone':
      return 'a zone is missing; end it with Z or an offset such as +00:00';
    case 'impossible_date':
      return 'no such date or time of day';
    case 'finer_than_microsecond':
      return 'more precise than a microsecond';
    case 'ambiguous_epoch':
      return 'an epoch has 10 digits (seconds), 13 (milliseconds), 16 (microseconds) or 19 (nanoseconds)';
    case 'timestamp_out_of_range':
      return 'outside 1970-01-02 to 2199-12-31';
    case 'not_day_close':
      return 'the last second of a UTC day is expected: YYYY-MM-DD 23:59:59';
    case 'not_a_date':
      return 'not a date such as 2025-03-12 or Mar 12, 2025';
    case 'epoch_as_date':
      return 'an epoch, not a date: name its column open_time or close_time with --columns';
    case 'day_number':
      return 'a number of days, as spreadsheets count them: give the column a date format there, such as YYYY-MM-DD';
    case 'short_year':
      return 'a year of two digits: write four of them, such as 2025-03-12';
    case 'has_time_of_day':
      return 'a time of day other than midnight (00:00:00), where a row is a day';
  }
}

/** UTC civil day (days since 1970-01-01) of an instant in epoch milliseconds. */
export function utcDay(ms: number): number {
  return Math.floor(ms / ONE_DAY_MS);
}

/** `YYYY-MM-DD` of a UTC civil day. */
export function utcDayText(day: number): string {
  return instantText(day * ONE_DAY_MS).slice(0, 10);
}

/** `YYYY-MM-DDTHH:MM:SS.mmmZ` of an instant in epoch milliseconds, microseconds cut off. */
export function instantText(ms: number): string {
  return new Date(ms).toISOString();
}

/** The date that was read last, as YYYYMMDD: most instants have the same date as the one read before. */
let knownDate = -1;
let knownDateMs = Number.NaN;

/**
 * Reads `YYYY-MM-DDTHH:MM:SS.mmmZ` by position, the shape of nearly every cell; NaN for anything else. The steps are written
 * out because a file has five instants per line, and loops and comparisons of texts take twice as long.
 */
function parseUsualInstant(text: string): number {
  if (text.length !== 24 || !hasUsualSigns(text)) return Number.NaN;
  const date = pair(text, 0) * 1_000_000 + pair(text, 2) * 10_000 + pair(text, 5) * 100 + pair(text, 8);
  const hour = pair(text, 11);
  const minute = pair(text, 14);
  const second = pair(text, 17);
  const milliseconds = pair(text, 20) * 10 + digit(text, 22);
  if (!(hour <= 23 && minute <= 59 && second <= 59)) return Number.NaN;
  if (date !== knownDate) {
    knownDate = date;
    knownDateMs = civilDayMs(Math.floor(date / 10_000), Math.floor(date / 100) % 100, date % 100);
  }
  const ms = knownDateMs + ((hour * 60 + minute) * 60 + second) * 1000 + milliseconds;
  return ms >= FIRST_DAY * ONE_DAY_MS && ms < (LAST_DAY + 1) * ONE_DAY_MS ? ms : Number.NaN;
}

function hasUsualSigns(text: string): boolean {
  return (
    text.charCodeAt(4) === 0x2d && // -
    text.charCodeAt(7) === 0x2d &&
    text.charCodeAt(10) === 0x54 && // T
    text.charCodeAt(13) === 0x3a && // :
    text.charCodeAt(16) === 0x3a &&
    text.charCodeAt(19) === 0x2e && // .
    text.charCodeAt(23) === 0x5a // Z
  );
}

/** The number written by two digits; NaN when one of the characters is not a digit. */
function pair(text: string, at: number): number {
  return digit(text, at) * 10 + digit(text, at + 1);
}

function digit(text: string, at: number): number {
  const value = text.charCodeAt(at) - 0x30;
  return value >= 0 && value <= 9 ? value : Number.NaN;
}

function parseEpoch(text: string): number | InstantProblem {
  if (text.length === 10 && text[0] !== '-') return inRange(Number(text) * 1000);
  if (text.length === 13 && text[0] !== '-') return inRange(Number(text));
  if (text.length === 16 && text[0] !== '-') return inRange(Number(text) / 1000);
  if (text.length === 19 && text[0] !== '-') {
    return text.endsWith('000') ? inRange(Number(text.slice(0, 16)) / 1000) : 'finer_than_microsecond';
  }
  return 'ambiguous_epoch';
}

function inRange(ms: number): number | InstantProblem {
  return ms >= FIRST_DAY * ONE_DAY_MS && ms < (LAST_DAY + 1) * ONE_DAY_MS ? ms : 'timestamp_out_of_range';
}

function civilDayMs(year: number, month: number, day: number): number {
  if (!(month >= 1 && month <= 12 && day >= 1)) return Number.NaN;
  const isLeapDay = month === 2 && day === 29 && year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  if (day > DAYS_IN_MONTH[month - 1] && !isLeapDay) return Number.NaN;
  // Date.UTC reads years 0..99 as 1900..1999; those are far outside the accepted range anyway.
  return year < 100 ? Number.NEGATIVE_INFINITY : Date.UTC(year, month - 1, day);
}

function timeOfDayMs(hour: number, minute: number, second: number): number {
  if (!(hour <= 23 && minute <= 59 && second <= 59)) return Number.NaN;
  return (hour * 3600 + minute * 60 + second) * 1000;
}

function zoneOffsetMs(zone: string): number {
  if (zone === 'Z') return 0;
  const hours = Number(zone.slice(1, 3));
  const minutes = Number(zone.slice(3).replace(':', ''));
  if (hours > 15 || minutes > 59) return Number.NaN;
  return (zone[0] === '-' ? -1 : 1) * (hours * 60 + minutes) * 60_000;
}

/** The number written by `count` ASCII digits from `from`; NaN when one of them is not a digit. */
function digits(text: string, from: number, count: number): number {
  let value = 0;
  for (let at = from; at < from + count; at++) {
    const digit = text.charCodeAt(at) - 48;
    if (!(digit >= 0 && digit <= 9)) return Number.NaN;
    value = value * 10 + digit;
  }
  return value;
}
