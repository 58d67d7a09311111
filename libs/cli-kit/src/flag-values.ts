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
