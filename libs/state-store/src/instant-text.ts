import { StoreError } from './errors.ts';

/**
 * An instant as SQL text with microseconds.
 * @param epochMs epoch milliseconds UTC; a fraction is rounded to microseconds
 * @returns `2024-01-03T23:59:59.999000Z`; ±Infinity give `infinity` and `-infinity`
 * @throws StoreError `STORE_RANGE` for NaN and for instants outside the years 1 to 9999
 */
export function instantText(epochMs: number): string {
  if (epochMs === Infinity) return 'infinity';
  if (epochMs === -Infinity) return '-infinity';
  const micros = Math.round(epochMs * 1000);
  const wholeMs = Math.floor(micros / 1000);
  const date = new Date(wholeMs);
  const year = date.getUTCFullYear();
  if (!(year >= 1 && year <= 9999)) {
    throw new StoreError('STORE_RANGE', `Instant ${epochMs} (epoch ms) is outside the years 1 to 9999.`);
  }
  const rest = String(micros - wholeMs * 1000).padStart(3, '0');
  return date.toISOString().replace('Z', `${rest}Z`);
}

/** {@link instantText} of a value that may be unknown: NaN and null give null. */
export function instantTextOrNull(epochMs: number | null): string | null {
  return epochMs === null || Number.isNaN(epochMs) ? null : instantText(epochMs);
}
