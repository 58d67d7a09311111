import { CliError } from './cli-error.ts';
import { EXIT } from './exit-codes.ts';
import { codeOf, hintOf } from './failure-lines.ts';

/**
 * Awaits a step that comes before any work begins. A failure of the database in it (read-only, full, no rights, …) becomes exit code 4:
 * the database is unusable. Other failures are thrown unchanged.
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
