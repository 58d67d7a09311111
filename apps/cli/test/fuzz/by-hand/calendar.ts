/** Milliseconds of a civil day. */
export const DAY_MS = 86_400_000n;

const FIRST_MICROS = DAY_MS * 1000n;
const END_MICROS = 84_006n * DAY_MS * 1000n;
const inRange = (micros: bigint | null) =>
  micros !== null && micros >= FIRST_MICROS && micros < END_MICROS ? micros : null;

/** Microseconds of the close of a day as the research set writes it, or null. */
export function closeByHand(given: string): bigint | null {
  if (!given.endsWith(' 23:59:59')) return null;
  const found = dayByHand(given.slice(0, -9));
  return inRange(found === null ? null : found * DAY_MS * 1000n);
}

/** Microseconds of an instant as the export writes it, or null. */
export function cellByHand(given: string): bigint | null {
  if (isDigits(given) && given.length === 10) return inRange(BigInt(given) * 1_000_000n);
  if (isDigits(given) && given.length === 13) return inRange(BigInt(given) * 1000n);
  if (isDigits(given) && given.length === 16) return inRange(BigInt(given));
  return inRange(instantByHand(given, { zoneOfDay: 'T ', mostDigits: 6 }));
}

/** Days since 1970-01-01 of `YYYY-MM-DD`, or null for what is no day; counted with whole numbers, by no library. */
export function dayByHand(given: string): bigint | null {
  if (given.length !== 10 || given[4] !== '-' || given[7] !== '-') return null;
  const [y, m, d] = [given.slice(0, 4), given.slice(5, 7), given.slice(8)];
  if (![y, m, d].every(isDigits)) return null;
  const [years, month, dayOfMonth] = [BigInt(y), Number(m), Number(d)];
  const isLeap = years % 4n === 0n && (years % 100n !== 0n || years % 400n === 0n);
  const lengths = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
  const length = lengths[month - 1];
  if (length === undefined || dayOfMonth < 1 || dayOfMonth > length) return null;
  const before = years - 1n;
  const leaps = years === 0n ? -1n : before / 4n - before / 100n + before / 400n;
  const daysOfYears = years === 0n ? -366n : before * 365n + leaps;
  const daysOfMonths = lengths.slice(0, month - 1).reduce((sum, n) => sum + n, 0);
  return daysOfYears + BigInt(daysOfMonths + dayOfMonth - 1) - 719_162n;
}

/** Microseconds since 1970 of a date, a time and a zone; a time may be without seconds only where a flag is read. */
export function instantByHand(
  given: string,
  { zoneOfDay, mostDigits }: { zoneOfDay: string; mostDigits: number },
): bigint | null {
  const civil = dayByHand(given.slice(0, 10));
  if (civil === null || !zoneOfDay.includes(given[10] ?? '-')) return null;
  const rest = given.slice(11);
  const zoneAt = [...rest].findIndex((c) => c === 'Z' || c === '+' || c === '-');
  if (zoneAt < 0) return null;
  const offset = zoneByHand(rest.slice(zoneAt), zoneOfDay.length > 1);
  const [clock, fraction, ...more] = rest.slice(0, zoneAt).split('.');
  const parts = (clock as string).split(':');
  if (offset === null || more.length > 0 || !parts.every((p) => p.length === 2 && isDigits(p))) return null;
  if (parts.length !== 3 && !(parts.length === 2 && zoneOfDay === 'T' && fraction === undefined)) return null;
  if (fraction !== undefined && (!isDigits(fraction) || fraction.length > 9)) return null;
  if (BigInt((fraction ?? '').slice(mostDigits).padEnd(1, '0')) !== 0n) return null;
  const [h, m, s = 0] = parts.map(Number) as [number, number, number?];
  if (h > 23 || m > 59 || s > 59) return null;
  const micros = BigInt((fraction ?? '').slice(0, 6).padEnd(6, '0'));
  return civil * DAY_MS * 1000n + BigInt(h * 3600 + m * 60 + s) * 1_000_000n + micros - offset;
}

function zoneByHand(given: string, mayBeShort: boolean): bigint | null {
  if (given === 'Z') return 0n;
  const digits = given.slice(1).replace(':', '');
  const isWhole = digits.length === 4 || (mayBeShort && digits.length === 2 && !given.includes(':'));
  if (!isWhole || !isDigits(digits) || (given.includes(':') && given[3] !== ':')) return null;
  const [h, m] = [Number(digits.slice(0, 2)), Number(digits.slice(2) || '0')];
  if (h > 15 || m > 59) return null;
  return BigInt((given[0] === '-' ? -1 : 1) * (h * 60 + m) * 60) * 1_000_000n;
}

function isDigits(given: string): boolean {
  return given !== '' && [...given].every((c) => c >= '0' && c <= '9');
}
