import { CliError } from './cli-error.ts';
import { EXIT } from './exit-codes.ts';
import { printable } from './printable.ts';

/** The exit code for each beginning of a library's error code; any other error gets {@link EXIT}`.failed`. */
const EXIT_CODES: readonly (readonly [string, number])[] = [
  ['STORE_BUSY', EXIT.locked],
  ['STORE_UNREACHABLE', EXIT.unusable],
  ['STORE_AUTHENTICATION', EXIT.unusable],
  ['STORE_TLS', EXIT.unusable],
  ['STORE_TOO_MANY_CONNECTIONS', EXIT.unusable],
  ['STORE_SCHEMA', EXIT.unusable],
  ['STORE_DATABASE_MISSING', EXIT.unusable],
  ['STORE_CONNECTION_LOST', EXIT.unusable],
  ['STORE_CONFIG', EXIT.unusable],
  ['STORE_LAYOUT', EXIT.usage],
  ['QUEUE_', EXIT.unusable],
  ['IMPORT_', EXIT.usage],
  ['BARS_BAD_ZONE', EXIT.usage],
  ['VALIDATION_BAD_OPTION', EXIT.usage],
  ['VALIDATION_UNKNOWN_CHECK', EXIT.usage],
];

/**
 * The lines that report an error and its hint, and its exit code (docs/operations.md#exit-codes).
 *
 * @param exitCodes exit codes by the beginning of the error code that apply to one program only, before the common ones
 */
export function failureLines(
  error: unknown,
  isVerbose: boolean,
  exitCodes: readonly (readonly [string, number])[] = [],
): { lines: string[]; exitCode: number } {
  const message = printable(error instanceof Error ? error.message : String(error));
  const hint = hintOf(error);
  const lines = [`[ERROR] ${message}`];
  if (hint !== undefined) lines.push(`  ${printable(hint)}`);
  if (isVerbose && error instanceof Error && error.stack !== undefined) lines.push(error.stack);
  return { lines, exitCode: exitCodeOf(error, exitCodes) };
}

/** The code of a library's error; an empty text if it has none. */
export function codeOf(error: unknown): string {
  return property(error, 'code') ?? '';
}

/** The hint of an error: what the user can do next. */
export function hintOf(error: unknown): string | undefined {
  return property(error, 'hint');
}

/**
 * The exit code of an error.
 *
 * @param exitCodes exit codes by the beginning of the error code that apply to one program only, before the common ones
 */
export function exitCodeOf(error: unknown, exitCodes: readonly (readonly [string, number])[] = []): number {
  if (error instanceof CliError) return error.exitCode;
  const code = codeOf(error);
  return [...exitCodes, ...EXIT_CODES].find(([beginning]) => code.startsWith(beginning))?.[1] ?? EXIT.failed;
}

function property(value: unknown, name: string): string | undefined {
  const found = typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
  return typeof found === 'string' ? found : undefined;
}
