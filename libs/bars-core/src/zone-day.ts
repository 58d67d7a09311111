import { civilDay, formatCivilDay, ONE_DAY_MS, type CivilDay } from './civil-day.ts';
import { BarsError } from './errors.ts';
import { canonicalZone } from './zone-name.ts';

/** Turns an instant (epoch ms, UTC) into its civil day. */
export type DayOfInstant = (epochMs: number) => CivilDay;
type OpeningOfDay = (day: CivilDay) => number;

const ONE_SECOND_MS = 1_000;
const dayOfInstantByZone = new Map<string, DayOfInstant>();
const openingOfDayByZone = new Map<string, OpeningOfDay>();
const offsetsByZone = new Map<string, ZoneOffsets>();

/** The offsets of a zone from UTC, in milliseconds, by the zone data of the JavaScript engine. */
export interface ZoneOffsets {
  /** Offset at any instant (epoch ms). */
  at(epochMs: number): number;
  /** Offset at the beginning of a UTC day, counted from 1970-01-01; cached. */
  atUtcMidnight(utcDayNumber: number): number;
}

/**
 * The function that turns an instant (epoch ms, UTC) into its civil day in a zone (docs/zones.md#days).
 *
 * UTC is a floor division. For any other IANA zone the offsets at both ends of the instant's UTC day are looked up and cached, so
 * a long series costs one look-up per day; only on days on which the offset changes is it looked up for the instant itself.
 *
 * @param zone any name that {@link canonicalZone} accepts
 * @throws BarsError `BARS_BAD_ZONE`; the returned function throws `BARS_BAD_INSTANT` for an instant that is not finite.
 * @example
 * ```ts
 * formatCivilDay(civilDayOfInstant('America/New_York')(Date.UTC(2024, 0, 2, 4, 59))); // '2024-01-01'
 * ```
 */
export function civilDayOfInstant(zone: string): DayOfInstant {
  const name = canonicalZone(zone);
  return remembered(dayOfInstantByZone, name, () => (name === 'UTC' ? utcDay : zonedDay(zoneOffsets(name))));
}

/**
 * The function that returns the first instant (epoch ms, UTC) of a civil day in a zone; for a day that the zone skipped, the
 * first instant of the next day.
 *
 * UTC is a multiplication; in any other zone each day is computed once and cached.
 *
 * @throws BarsError `BARS_BAD_ZONE`
 * @example
 * ```ts
 * openingOfCivilDay('America/New_York')(parseCivilDay('2023-11-05')); // Date.UTC(2023, 10, 5, 4)
 * ```
 */
export function openingOfCivilDay(zone: string): OpeningOfDay {
  const name = canonicalZone(zone);
  return remembered(openingOfDayByZone, name, () =>
    name === 'UTC' ? (day) => day * ONE_DAY_MS : zonedOpening(civilDayOfInstant(name), zoneOffsets(name)),
  );
}

/** The offsets of a zone by its canonical name. */
export function zoneOffsets(zone: string): ZoneOffsets {
  return remembered(offsetsByZone, zone, () => {
    const format = zoneFormat(zone);
    const byUtcDay = new Map<number, number>();
    return {
      at: (epochMs) => offsetMsAt(format, epochMs),
      atUtcMidnight: (utcDayNumber) =>
        remembered(byUtcDay, utcDayNumber, () => offsetMsAt(format, utcDayNumber * ONE_DAY_MS)),
    };
  });
}

function remembered<Key, Value>(known: Map<Key, Value>, key: Key, make: () => Value): Value {
  let value = known.get(key);
  if (value === undefined) {
    value = make();
    known.set(key, value);
  }
  return value;
}

/** Longer than any offset from UTC. */
const LONGEST_OFFSET_MS = 26 * 3_600_000;

function zonedOpening(dayOfInstant: DayOfInstant, { atUtcMidnight }: ZoneOffsets): OpeningOfDay {
  const isOpening = (instant: number, day: CivilDay) => dayOfInstant(instant) >= day && dayOfInstant(instant - 1) < day;
  const known = new Map<number, number>();
  return (day) =>
    remembered(known, day, () => {
      // nearly always the day begins at midnight, with the offset of an adjacent UTC midnight
      const midnights = [day - 1, day, day + 1].map((utcDay) => day * ONE_DAY_MS - atUtcMidnight(utcDay));
      const openings = midnights.filter((instant) => isOpening(instant, day));
      if (openings.length > 0) return Math.min(...openings);
      let last = day * ONE_DAY_MS + LONGEST_OFFSET_MS;
      let before = day * ONE_DAY_MS - LONGEST_OFFSET_MS;
      while (last - before > 1) {
        const middle = Math.floor((before + last) / 2);
        if (dayOfInstant(middle) >= day) last = middle;
        else before = middle;
      }
      return last;
    });
}

function utcDay(epochMs: number): CivilDay {
  assertInstant(epochMs);
  return Math.floor(epochMs / ONE_DAY_MS) as CivilDay;
}

/** The civil day of an instant (epoch ms) in UTC, as ISO 8601 text. @throws BarsError `BARS_BAD_INSTANT` when it is not finite */
export function utcDayText(epochMs: number): string {
  return formatCivilDay(utcDay(epochMs));
}

function zonedDay(offsets: ZoneOffsets): DayOfInstant {
  return (epochMs) => {
    assertInstant(epochMs);
    const utcDayNumber = Math.floor(epochMs / ONE_DAY_MS);
    let offsetMs = offsets.atUtcMidnight(utcDayNumber);
    if (offsetMs !== offsets.atUtcMidnight(utcDayNumber + 1)) offsetMs = offsets.at(epochMs);
    return Math.floor((epochMs + offsetMs) / ONE_DAY_MS) as CivilDay;
  };
}

function zoneFormat(zone: string): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat('en-US-u-ca-gregory-nu-latn', {
    timeZone: zone,
    hourCycle: 'h23',
    era: 'short',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
}

/** Local wall clock minus UTC at an instant, in milliseconds; whole seconds are kept, since historical offsets may have them. */
function offsetMsAt(format: Intl.DateTimeFormat, epochMs: number): number {
  let era = '';
  let [year, month, day, hour, minute, second] = [0, 0, 0, 0, 0, 0];
  for (const { type, value } of format.formatToParts(epochMs)) {
    if (type === 'era') era = value;
    else if (type === 'year') year = Number(value);
    else if (type === 'month') month = Number(value);
    else if (type === 'day') day = Number(value);
    else if (type === 'hour') hour = Number(value);
    else if (type === 'minute') minute = Number(value);
    else if (type === 'second') second = Number(value);
  }
  if (era.startsWith('B')) year = 1 - year; // the year before AD 1 is 1 BC, year 0 of the civil calendar
  const localMs = civilDay(year, month, day) * ONE_DAY_MS + ((hour * 60 + minute) * 60 + second) * ONE_SECOND_MS;
  return localMs - Math.floor(epochMs / ONE_SECOND_MS) * ONE_SECOND_MS;
}

function assertInstant(epochMs: number): void {
  if (!Number.isFinite(epochMs)) {
    throw new BarsError('BARS_BAD_INSTANT', `epochMs ${epochMs} is not a finite number of milliseconds`, {
      context: { epochMs },
    });
  }
}
