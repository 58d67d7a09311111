import { ONE_DAY_MS } from './civil-day.ts';
import { BarsError } from './errors.ts';

/** Milliseconds until 1970-02-17T10:53:20Z; the same number of seconds is 2099-12-04. */
const FIRST_WEEKS_MS = 4_100_000_000;
/** Seconds until the year 5138; the same number of milliseconds is in 1973. */
const LAST_SECONDS = 100_000_000_000;
/** Milliseconds until the year 0001, in which the representable years begin, and until the year 10000, after which they end. */
const [FIRST_INSTANT_MS, END_INSTANT_MS] = [-62_135_596_800_000, 253_402_300_800_000];

/** Whether an instant (epoch ms) lies outside the years 0001 to 9999; false for NaN. */
export function isBeyond(epochMs: number): boolean {
  return epochMs < FIRST_INSTANT_MS || epochMs >= END_INSTANT_MS;
}

/**
 * Refuses instants that are apparently not in milliseconds. Read as milliseconds, seconds would all lie in the first weeks of
 * 1970, and microseconds or nanoseconds far outside the years 0001 to 9999, so every bar would be wrong.
 *
 * @param ts instants of days, ascending, supposed to be epoch ms
 * @throws BarsError `BARS_BAD_INSTANT`
 */
export function assertMilliseconds(ts: Float64Array): void {
  const row = ts.findIndex((instant) => !Number.isFinite(instant));
  if (row >= 0) {
    throw new BarsError('BARS_BAD_INSTANT', `ts, row ${row}, is ${ts[row]}; expected epoch milliseconds (UTC)`, {
      context: { row },
    });
  }
  if (ts.length === 0) return;
  const [first, last] = [ts[0], ts[ts.length - 1]];
  const beyond = [last, first].find(isBeyond);
  if (beyond !== undefined) throw inUnit(beyond, isBeyond(beyond / 1000) ? 'nanoseconds' : 'microseconds');
  const isLikeSeconds =
    ts.length === 1
      ? first >= ONE_DAY_MS && first < FIRST_WEEKS_MS
      : // before 1973 and on average less than an hour apart: these are probably daily rows in seconds
        Math.abs(last) < LAST_SECONDS && Math.abs(last - first) / (ts.length - 1) < ONE_DAY_MS / 24;
  if (isLikeSeconds) throw inUnit(last, 'seconds');
}

function inUnit(value: number, unit: 'seconds' | 'microseconds' | 'nanoseconds'): BarsError {
  const factor = { seconds: 1_000, microseconds: 1e-3, nanoseconds: 1e-6 }[unit];
  const day = new Date(value * factor);
  const meant = Number.isNaN(day.getTime()) ? '' : `: as ${unit} it is ${day.toISOString().slice(0, 10)}`;
  return new BarsError('BARS_BAD_INSTANT', `ts looks like ${unit}, not milliseconds: ${value}${meant}`, {
    hint: `Give milliseconds (${unit === 'seconds' ? 'ts * 1000' : `ts / ${1 / factor}`}), or the days as date.`,
    context: { value, unit },
  });
}
