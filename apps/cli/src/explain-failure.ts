import { CliError, EXIT } from '@ta/cli-kit';

/** Exit code of a library's error code, by its beginning; anything else is a plain failure. */
const EXIT_CODES: readonly (readonly [string, number])[] = [
  ['STORE_BUSY', EXIT.locked],
  ['STORE_UNREACHABLE', EXIT.unusable],
  ['STORE_AUTHENTICATION', EXIT.unusable],
  ['STORE_TOO_MANY_CONNECTIONS', EXIT.unusable],
  ['STORE_SCHEMA', EXIT.unusable],
  ['STORE_DATABASE_MISSING', EXIT.unusable],
  ['STORE_CONFIG', EXIT.unusable],
  ['IMPORT_UNKNOWN_FORMAT', EXIT.usage],
  ['IMPORT_', EXIT.usage],
  ['BARS_BAD_ZONE', EXIT.usage],
];

/** What went wrong, what to do, and the exit code it stands for (operations.md 1.6). */
export function explain(error: unknown, isVerbose: boolean): { lines: string[]; exitCode: number } {
  const message = error instanceof Error ? error.message : String(error);
  const hint = hintOf(error);
  const lines = [`[ERROR] ${message}`];
  if (hint !== undefined) lines.push(`  ${hint}`);
  if (isVerbose && error instanceof Error && error.stack !== undefined) lines.push(error.stack);
  return { lines, exitCode: exitCodeOf(error) };
}

/**
 * Waits for something done before any work is started: a failure of the database there makes it unusable (exit code 4),
 * whatever kind it is: read-only, full, without rights. Other failures pass as they are.
 */
export async function beforeWork<T>(preparation: Promise<T>): Promise<T> {
  try {
    return await preparation;
  } catch (error) {
    const code = property(error, 'code') ?? '';
    if (!(error instanceof Error) || !code.startsWith('STORE_') || code === 'STORE_BUSY') throw error;
    throw new CliError('CLI_DATABASE_UNUSABLE', error.message, {
      exitCode: EXIT.unusable,
      hint: hintOf(error),
      cause: error,
    });
  }
}

function exitCodeOf(error: unknown): number {
  if (error instanceof CliError) return error.exitCode;
  const code = property(error, 'code') ?? '';
  return EXIT_CODES.find(([beginning]) => code.startsWith(beginning))?.[1] ?? EXIT.failed;
}

/** What the reader of a failure can do next, when it is known. */
export function hintOf(error: unknown): string | undefined {
  return property(error, 'hint');
}

function property(value: unknown, name: string): string | undefined {
  const found = typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
  return typeof found === 'string' ? found : undefined;
}
