import { readFileSync, statSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { CliError } from './cli-error.ts';
import { EXIT } from './exit-codes.ts';

/** Settings of a file, by name. */
export type Settings = Readonly<Record<string, string | undefined>>;

const SETTING = /^\s*(?:export\s+)?[A-Za-z_][\w.-]*\s*=\s*(.*)$/s;

/**
 * Reads the settings of a `.env` file; none when there is no such file.
 *
 * A file that cannot be parsed is refused as a whole: with a database URL in it overlooked, a command would use another
 * database. Messages name the line and never quote it, since it may hold a password.
 *
 * @param file its path
 * @throws CliError `CLI_BAD_ENV_FILE` for a folder, an unreadable file, text that is not UTF-8, or a line that is not a setting
 */
export function readEnvFile(file: string): Settings {
  const bytes = readIfThere(file);
  return bytes === null ? {} : parseSettings(bytes, file);
}

function readIfThere(file: string): Uint8Array | null {
  try {
    if (statSync(file).isFile()) return readFileSync(file);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    throw badFile(file, `cannot be read (${String(code)})`, 'Give this user the right to read it, or remove it.');
  }
  throw badFile(file, 'is not a file');
}

/** Text for the operator when others may write a `.env` file, and so choose the database and where alerts go; else null. */
export function envFileWarning(file: string): string | null {
  // the mode bits do not show the permissions on Windows
  if (process.platform === 'win32') return null;
  const mode = statSync(file, { throwIfNoEntry: false })?.mode ?? 0;
  return (mode & 0o022) === 0 ? null : `Other users can write to ${file}: run chmod 600 on it`;
}

/** Parses the bytes of a file; see {@link readEnvFile}. */
export function parseSettings(bytes: Uint8Array, file: string): Settings {
  // the decoder drops a byte order mark, which would be part of the first name
  const text = new TextDecoder().decode(bytes).replaceAll('\r\n', '\n');
  if (text.includes('\ufffd') || text.includes('\0')) throw badFile(file, 'is not UTF-8 text', 'Save it as UTF-8.');
  return parseEnv(settingLines(text, file).join('\n'));
}

/**
 * The lines that are settings or lie inside a quoted value. Blank lines and comments are left out: after a line of blanks
 * Node's parser takes the line end into the next name.
 */
function settingLines(text: string, file: string): string[] {
  const kept: string[] = [];
  let openQuote = '';
  for (const [index, line] of text.split('\n').entries()) {
    if (openQuote !== '') {
      if (line.includes(openQuote)) openQuote = '';
      kept.push(line);
      continue;
    }
    if (/^\s*(#|$)/.test(line)) continue;
    kept.push(line.trimStart());
    const value = SETTING.exec(line)?.[1];
    if (value === undefined) throw badFile(file, `line ${index + 1} is not a setting`, HINT);
    const quote = /^["'`]/.exec(value)?.[0] ?? '';
    const isOpen = quote !== '' && !value.slice(1).includes(quote);
    const later = text.split('\n').slice(index + 1);
    if (isOpen && !later.some((other) => other.includes(quote)))
      throw badFile(file, `line ${index + 1} opens a quote that is never closed`, HINT);
    if (isOpen) openQuote = quote;
  }
  return kept;
}

const HINT = 'Write NAME=value, one a line; comments begin with #; quote a value that contains #.';

function badFile(file: string, problem: string, hint?: string): CliError {
  return new CliError('CLI_BAD_ENV_FILE', `${file} ${problem}`, { exitCode: EXIT.unusable, hint });
}
