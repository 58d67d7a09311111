import { CliError } from './cli-error.ts';

/**
 * Makes sure that the number given to a flag is one that makes sense there.
 *
 * @param expected what would, for the message
 * @throws CliError `CLI_BAD_NUMBER`
 */
export function assertNumber(name: string, value: number, isGood: (value: number) => boolean, expected: string): void {
  if (isGood(value)) return;
  throw new CliError('CLI_BAD_NUMBER', `--${name}: expected ${expected}, got ${value}`);
}

/** Makes sure that the number given to a flag, if there is one, is whole and in a range. */
export function assertWhole(name: string, value: number | undefined, least: number, most = Infinity): void {
  if (value === undefined) return;
  const expected =
    most === Infinity ? `a whole number of at least ${least}` : `a whole number from ${least} to ${most}`;
  assertNumber(name, value, (n) => Number.isInteger(n) && n >= least && n <= most, expected);
}

/** Makes sure that the time given to a flag is finite and not negative. @param unit in the plural */
export function assertFromZero(name: string, value: number, unit: string): void {
  assertNumber(name, value, (n) => Number.isFinite(n) && n >= 0, `${unit}, 0 or more`);
}
