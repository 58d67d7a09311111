import { CliError, codeOf, EXIT, hintOf } from '@ta/cli-kit';

/**
 * Waits for something done before any work is started: a failure of the database there makes it unusable (exit code 4),
 * whatever kind it is: read-only, full, without rights. Other failures pass as they are.
 */
export async function beforeWork<T>(preparation: Promise<T>): Promise<T> {
  try {
    return await preparation;
  } catch (error) {
    const code = codeOf(error);
    if (!(error instanceof Error) || !code.startsWith('STORE_') || code === 'STORE_BUSY') throw error;
    throw new CliError('CLI_DATABASE_UNUSABLE', error.message, {
      exitCode: EXIT.unusable,
      hint: hintOf(error),
      cause: error,
    });
  }
}
