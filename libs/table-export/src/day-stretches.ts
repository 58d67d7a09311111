/** Milliseconds of a day. */
export const DAY_MS = 86_400_000;

/** Cuts the time from one instant until another (epoch ms) into pieces of `days` days; the last one may be shorter. */
export function* stretchesOfDays(
  from: number,
  until: number,
  days: number,
): Generator<readonly [from: number, until: number]> {
  for (let at = from; at < until; at += days * DAY_MS) yield [at, Math.min(until, at + days * DAY_MS)];
}
