import { CliError } from '@ta/cli-kit';

/** The failure of a command that was called in a wrong way. @param hint how it is called */
export function usage(message: string, hint: string): CliError {
  return new CliError('CLI_USAGE', message, { hint });
}
