/** Day of an instant in UTC: `2024-01-31`. */
export function dayText(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}

/** A civil day, counted from 1970-01-01: `2024-01-31`; `–` when it is not known. */
export function civilDayText(day: number | null | undefined): string {
  return day === null || day === undefined ? '–' : dayText(day * 86_400_000);
}

/** Minute of an instant in UTC: `2024-01-31 06:00Z`. */
export function minuteText(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 16).replace('T', ' ')}Z`;
}

/** A number as stored, no digit rounded away. */
export function exactText(value: number | null | undefined): string {
  return value === null || value === undefined ? '–' : String(value);
}

/** A whole number with separated thousands: `10,000`. It does without `Intl`, whose tables take 50 ms to load. */
export function countText(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** A duration: `850 ms`, `12.3 s`, `4 min 5 s`. */
export function durationText(ms: number): string {
  // the unit is chosen by what is shown, or 59.96 s would be 60.0 s
  if (Math.round(ms) < 1_000) return `${Math.round(ms)} ms`;
  if (Math.round(ms / 100) < 600) return `${(ms / 1_000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1_000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/** An age in the least space: `7h`, `3d`, `2y`. */
export function ageText(ms: number): string {
  const hours = Math.max(0, ms / 3_600_000);
  if (hours < 48) return `${Math.round(hours)}h`;
  return hours < 24 * 730 ? `${Math.round(hours / 24)}d` : `${Math.round(hours / 24 / 365)}y`;
}
