import { ONE_DAY_MS } from './civil-day.ts';
import { BarsError } from './errors.ts';

/** Milliseconds until 1970-02-17T10:53:20Z; the same number of seconds is 2099-12-04. */
const FIRST_WEEKS_MS = 4_100_000_000;
/** Seconds until the year 5138; the same number of milliseconds is in 1973. */
const LAST_SECONDS = 100_000_000_000;
/** Milliseconds until the end of the year 9999. */
const LAST_INSTANT_MS = 253_402_300_800_000;

/**
 * Refuses instants that are apparently not in milliseconds. Read as milliseconds, seconds would all lie in the first weeks of
 * 1970, and microseconds or nanoseconds far after the year 9999, so every bar would be wrong.
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
  if (last > LAST_INSTANT_MS) throw inUnit(last, last > LAST_INSTANT_MS * 1000 ? 'nanoseconds' : 'microseconds');
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
