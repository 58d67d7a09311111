import { CliError } from './cli-error.ts';

/**
 * Refuses a number for which `isGood` is false.
 *
 * @param name of the flag, without dashes
 * @param expected the valid values in words, for the message
 * @throws CliError `CLI_BAD_NUMBER`
 */
export function assertNumber(name: string, value: number, isGood: (value: number) => boolean, expected: string): void {
  if (isGood(value)) return;
  throw new CliError('CLI_BAD_NUMBER', `--${name}: expected ${expected}, got ${value}`);
}

/** Refuses a number that is not whole or not from `least` to `most`; accepts a flag that was not given. */
export function assertWhole(name: string, value: number | undefined, least: number, most = Infinity): void {
  if (value === undefined) return;
  const expected =
    most === Infinity ? `a whole number of at least ${least}` : `a whole number from ${least} to ${most}`;
  assertNumber(name, value, (n) => Number.isInteger(n) && n >= least && n <= most, expected);
}

/** Refuses a time that is infinite or negative. @param unit in the plural, for the message */
export function assertFromZero(name: string, value: number, unit: string): void {
  assertNumber(name, value, (n) => Number.isFinite(n) && n >= 0, `${unit}, 0 or more`);
}
