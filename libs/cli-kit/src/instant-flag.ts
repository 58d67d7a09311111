import { CliError } from './cli-error.ts';

/** Milliseconds of a day. */
export const DAY_MS = 86_400_000;
const DATE = /^\d{4}-\d{2}-\d{2}$/;
const INSTANT = /^(\d{4}-\d{2}-\d{2})T(\d{2}):\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-](\d{2}):?(\d{2}))$/;

/** Whether a text is a day that the calendar has, `YYYY-MM-DD`. */
export function isDayText(text: string): boolean {
  return DATE.test(text) && !Number.isNaN(dayMs(text));
}

/**
 * The instant named by a flag: ISO-8601 with a zone, or a bare date. Nothing is rolled over: 30 February, 24:00, second 60
 * and an offset of 16 hours are refused.
 *
 * @param flag its name, for the message
 * @param edge what a bare date means: its beginning or its end, which is the beginning of the next day
 * @param openingOf first instant (epoch ms) of a day given by its beginning in UTC (epoch ms), for days of another zone
 * @returns epoch ms
 * @throws CliError `CLI_BAD_INSTANT`
 */
export function parseInstantFlag(
  flag: string,
  text: string,
  edge: 'begin' | 'end',
  openingOf: (utcDayMs: number) => number = (utcDayMs) => utcDayMs,
): number {
  if (isDayText(text)) return openingOf(edge === 'begin' ? dayMs(text) : dayMs(text) + DAY_MS);
  const [, day = '', hour, zoneHour = '0', zoneMinute = '0'] = INSTANT.exec(text) ?? [];
  const isPossible = isDayText(day) && Number(hour) < 24 && Number(zoneHour) < 16 && Number(zoneMinute) < 60;
  const ms = isPossible ? Date.parse(text) : Number.NaN;
  if (!Number.isNaN(ms)) return ms;
  throw new CliError('CLI_BAD_INSTANT', `--${flag}: "${text}" is neither a date nor an instant with a zone`, {
    hint: `Examples: --${flag} 2025-10-27   --${flag} 2025-10-27T06:00:00Z`,
  });
}

/** Epoch ms of the beginning of a day, NaN for a day that the calendar does not have. */
function dayMs(text: string): number {
  const ms = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(text) ? ms : Number.NaN;
}
