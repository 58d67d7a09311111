import { parse as parseArray } from 'postgres-array';
import { StoreError } from '../errors.ts';

/** Turns the text of one value into what {@link Session.query} promises. */
export type ValueParser = (text: string) => unknown;

const asIs: ValueParser = (text) => text;
const asNumber: ValueParser = (text) => Number(text);
const asBoolean: ValueParser = (text) => text === 't';
const asJson: ValueParser = (text) => JSON.parse(text) as unknown;

/** A numeric becomes the nearest double; no table of this schema has a numeric column, but sum() over int8 returns numeric. */
const SCALARS: readonly (readonly [oid: number, arrayOid: number, parse: ValueParser])[] = [
  [16, 1000, asBoolean],
  [18, 1002, asIs], // "char"
  [19, 1003, asIs], // name
  [20, 1016, safeInteger],
  [21, 1005, asNumber],
  [23, 1007, asNumber],
  [25, 1009, asIs],
  [26, 1028, asNumber], // oid
  [114, 199, asJson],
  [700, 1021, asNumber],
  [701, 1022, asNumber],
  [1042, 1014, asIs], // char(n)
  [1043, 1015, asIs],
  [1082, 1182, asIs], // date
  [1114, 1115, asIs], // timestamp
  [1184, 1185, instant],
  [1186, 1187, asIs], // interval
  [1700, 1231, asNumber],
  [2950, 2951, asIs], // uuid
  [3802, 3807, asJson],
];

/** Types that Drizzle's columns read as text. */
const DRIZZLE_TEXT_OIDS = new Set([1082, 1114, 1184, 1186, 1182, 1115, 1185, 1187, 1231]);

const PARSERS: ReadonlyMap<number, ValueParser> = new Map(
  SCALARS.flatMap(([oid, arrayOid, parse]): [number, ValueParser][] => [
    [oid, parse],
    [arrayOid, (text) => parseArray(text, parse)],
  ]),
);

/** The parser of a type by its OID; unknown types (enums among them) stay text. */
export function parserOf(oid: number): ValueParser {
  return PARSERS.get(oid) ?? asIs;
}

/**
 * The parser of a type whose values are only displayed: integers and decimals that a number cannot represent are text, and so are
 * instants with microseconds, which a Date cannot hold.
 */
export function exactParserOf(oid: number): ValueParser {
  return EXACT_PARSERS.get(oid) ?? parserOf(oid);
}

const EXACT_PARSERS: ReadonlyMap<number, ValueParser> = new Map<number, ValueParser>([
  [20, exactNumber],
  [1016, (text) => parseArray(text, exactNumber)],
  [1700, exactNumber],
  [1231, (text) => parseArray(text, exactNumber)],
  [1184, exactInstant],
  [1185, (text) => parseArray(text, exactInstant)],
]);

function exactNumber(text: string): number | string {
  const value = Number(text);
  const plain = text.includes('.') ? text.replace(/\.?0+$/, '') : text;
  return String(value) === plain ? value : text;
}

/** The parser of a type for Drizzle, which maps times itself. */
export function drizzleParserOf(oid: number): ValueParser {
  return DRIZZLE_TEXT_OIDS.has(oid) ? asIs : parserOf(oid);
}

/** The parsers by OID, in the form that PGlite requires. */
export function parserTable(pick: (oid: number) => ValueParser): Record<number, ValueParser> {
  return Object.fromEntries([...PARSERS.keys()].map((oid) => [oid, pick(oid)]));
}

/** The element types and array types that array parameters may have. */
export const ARRAY_TYPES: readonly (readonly [oid: number, arrayOid: number])[] = SCALARS.map(([oid, arrayOid]) => [
  oid,
  arrayOid,
]);

/** A parameter in a form that both drivers send in the same way. */
export function toParameter(value: unknown): unknown {
  if (value === undefined || value === null) return null;
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return value.map(toParameter);
  if (value instanceof Uint8Array) return value;
  if (ArrayBuffer.isView(value)) return Array.from(value as unknown as ArrayLike<number>);
  return value;
}

function safeInteger(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) {
    throw new StoreError(
      'STORE_RANGE',
      'A query returned an int8 beyond ±2^53, which a JavaScript number cannot hold.',
      {
        hint: 'Cast the column to text in the query.',
      },
    );
  }
  return value;
}

const INSTANT = /^(\d{4,})-(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d(?:\.\d+)?)([+-])(\d\d)(?::?(\d\d))?(?::?(\d\d))?( BC)?$/;

/** A Date, ±Infinity, or the ISO text of an instant after the last one that a Date can hold. */
function instant(text: string): Date | number | string {
  if (text === 'infinity') return Infinity;
  if (text === '-infinity') return -Infinity;
  const parts = INSTANT.exec(text);
  if (parts === null) {
    throw new StoreError('STORE_QUERY', 'A query returned a timestamp in an unexpected format.', {
      hint: 'The session must keep DateStyle ISO.',
    });
  }
  const [, year, month, day, hour, minute, second, sign, zoneHour, zoneMinute = '0', zoneSecond = '0', era] = parts;
  const date = new Date(0);
  date.setUTCFullYear(era === undefined ? Number(year) : 1 - Number(year), Number(month) - 1, Number(day));
  const offsetSeconds = Number(zoneHour) * 3600 + Number(zoneMinute) * 60 + Number(zoneSecond);
  const ofDayMs = Number(hour) * 3_600_000 + Number(minute) * 60_000 + Math.floor(Number(second) * 1000 + 1e-6);
  const found = new Date(date.getTime() + ofDayMs - (sign === '-' ? -1 : 1) * offsetSeconds * 1000);
  if (!Number.isNaN(found.getTime())) return found;
  // the session zone is UTC
  const [whole, part = ''] = second.split('.') as [string, string?];
  return `+${year}-${month}-${day}T${hour}:${minute}:${whole}.${part.padEnd(3, '0')}Z`;
}

/** The same, with the microseconds of an instant that has some. */
function exactInstant(text: string): Date | number | string {
  const value = instant(text);
  const [, micros] = /\.\d{3}(\d{1,3})\b/.exec(text) ?? [];
  return value instanceof Date && micros !== undefined
    ? value.toISOString().replace('Z', `${micros.padEnd(3, '0')}Z`)
    : value;
}
