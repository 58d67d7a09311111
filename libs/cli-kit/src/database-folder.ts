import { readdirSync } from 'node:fs';
import { CliError } from './cli-error.ts';
import { EXIT } from './exit-codes.ts';

/**
 * Refuses to read an embedded database that does not exist: opening it would create it.
 *
 * @param dir its folder; null for a database in memory
 * @throws CliError `CLI_NO_DATABASE`
 */
export function assertDatabaseFolder(dir: string | null): void {
  if (dir === null || holdsSomething(dir)) return;
  throw new CliError('CLI_NO_DATABASE', `There is no database in ${dir} yet`, {
    exitCode: EXIT.unusable,
    hint: 'Import prices first: ta import csv FILE --id N   (or try the demo: ta demo)',
  });
}

/** Whether the folder holds more than the remains of a creation that was interrupted or refused. */
function holdsSomething(dir: string): boolean {
  const names = namesIn(dir);
  if (names === 'unknown') return true; // opening the database reports what is wrong
  return !names.includes('ta-unfinished') && names.some((name) => !/^ta-\w+\.lock$/.test(name));
}

function namesIn(dir: string): readonly string[] | 'unknown' {
  try {
    return readdirSync(dir);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? [] : 'unknown';
  }
}
