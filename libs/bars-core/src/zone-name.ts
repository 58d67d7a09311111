import { BarsError } from './errors.ts';
import { NAMES_FOR_ABBREVIATION, PLACE_OF_OFFSET, ZONE_OF_ALIAS } from './zone-aliases.ts';

const canonicalByName = new Map<string, string>();

/**
 * The canonical IANA name of a zone. Former names, country names and any case are accepted: `utc`, `Etc/UTC` and `UTC` are one
 * zone, and so are `Asia/Calcutta` and `Asia/Kolkata`. Zones that the JavaScript engine does not know are refused.
 *
 * Also refused, with a hint which name to use, are abbreviations (`CET` has summer time in JavaScript but is a fixed offset in
 * PostgreSQL; `IST` is three zones), offsets such as `+05:30` (programs disagree about the sign) and POSIX forms such as
 * `EST5EDT`. The zones `Etc/GMT+12` to `Etc/GMT-14` are IANA names and are accepted, with IANA's sign: `Etc/GMT+5` is five hours
 * behind UTC.
 *
 * @throws BarsError `BARS_BAD_ZONE`
 * @example
 * ```ts
 * canonicalZone('asia/calcutta'); // 'Asia/Kolkata'
 * ```
 */
export function canonicalZone(name: string): string {
  let canonical = canonicalByName.get(name);
  if (canonical === undefined) {
    canonical = resolveZone(name);
    canonicalByName.set(name, canonical);
  }
  return canonical;
}

function resolveZone(name: string): string {
  // an empty name would silently mean the machine's own zone
  if (typeof name !== 'string' || name === '') throw unknownZone(name);
  const alias = ZONE_OF_ALIAS.get(name.toLowerCase());
  if (alias === undefined) refuseOtherForms(name);
  const engineName = nameByEngine(alias ?? name);
  return alias ?? ZONE_OF_ALIAS.get(engineName.toLowerCase()) ?? engineName;
}

/** Throws for texts that some engine or database accepts as a zone although they are not zone names. */
function refuseOtherForms(name: string): void {
  const offset = /^(?:UTC|GMT|Z)?\s*([+-])(\d{1,2})(?::?([0-5]\d))?(?::?[0-5]\d)?$/i.exec(name);
  if (offset !== null) {
    throw badZone(name, 'is an offset, whose sign programs read in two ways', placeOfOffset(offset));
  }
  const names = NAMES_FOR_ABBREVIATION.get(name.toLowerCase());
  if (names !== undefined) {
    throw badZone(name, 'is an abbreviation or a POSIX form, which programs read in different ways', names);
  }
  if (/^SystemV\/|^(?:posix|right)\/|^<|^[a-z]{3,}[+-]?\d/i.test(name)) {
    throw badZone(name, 'is a POSIX form, not the name of a zone', 'America/New_York, for instance');
  }
  if (!name.includes('/')) throw unknownZone(name);
}

function placeOfOffset([, sign, hours, minutes = '00']: RegExpExecArray): string {
  const place = PLACE_OF_OFFSET.get(`${sign}${hours.padStart(2, '0')}:${minutes}`);
  if (place !== undefined) return place;
  const whole = Number(hours);
  if (minutes !== '00' || whole > (sign === '+' ? 14 : 12)) return 'America/New_York, for instance';
  if (whole === 0) return 'UTC';
  // IANA's names have the opposite sign: they count the hours behind UTC
  return `Etc/GMT${sign === '+' ? '-' : '+'}${whole} (it is UTC${sign}${whole})`;
}

function nameByEngine(name: string): string {
  if (name === 'UTC') return name; // every engine knows it, and asking one takes longer than most commands
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone: name }).resolvedOptions().timeZone;
  } catch (cause) {
    throw unknownZone(name, cause);
  }
}

function badZone(zone: string, problem: string, names: string): BarsError {
  return new BarsError('BARS_BAD_ZONE', `zone '${zone}' ${problem}`, {
    hint: `Give the IANA name of a place: ${names}.`,
    context: { zone },
  });
}

function unknownZone(zone: string, cause?: unknown): BarsError {
  return new BarsError('BARS_BAD_ZONE', `zone '${zone}' is not a known IANA time zone`, {
    hint: "Use a name such as 'UTC' or 'America/New_York'.",
    context: { zone },
    cause,
  });
}
