import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import path from 'node:path';
import { CliError, flag, redactRecord, type Argv, type FlagsOf, type Surroundings } from '@ta/cli-kit';
import type { Logger } from 'pino';
import { cleanLogs } from './log-retention.ts';

/** Where the log of a run goes. */
export type LogFlags = FlagsOf<typeof logOptions>;

/** The flags for the place of the log. */
export function logOptions<T>(yargs: Argv<T>) {
  return yargs
    .options({
      'log-file': flag.text('Log file  [default: .logs/refresh-<date>.log]'),
      'log-dir': flag.text('Folder of the log files  [default: .logs]'),
    })
    .conflicts('log-file', 'log-dir');
}

/** Days that log files are kept by default. */
export const RETENTION_DAYS = 30;

/**
 * Days that log files are kept: `LOG_RETENTION_DAYS`, else 30; null for ever (0).
 *
 * @throws CliError `CLI_BAD_NUMBER`
 */
export function retentionDays(around: Pick<Surroundings, 'env'>): number | null {
  const text = around.env['LOG_RETENTION_DAYS']?.trim() ?? '';
  if (text === '') return RETENTION_DAYS;
  if (/^\d{1,6}$/.test(text)) return Number(text) === 0 ? null : Number(text);
  throw new CliError('CLI_BAD_NUMBER', `LOG_RETENTION_DAYS: expected whole days, 0 (keep all) or more, got "${text}"`);
}

/** Deletes the log files that are too old, at the start of a run, and of a worker on each day (docs/operations.md#logs). Never fails. */
export function rotateLogs(around: Surroundings, flags: Pick<LogFlags, 'logDir'>): void {
  try {
    const days = retentionDays(around);
    if (days !== null) cleanLogs(logFolder(around, flags), localDate(around.now()), days);
  } catch (error) {
    around.warn(`[WARNING] Old log files were not deleted: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** The log of one run: JSON lines that are written immediately, so that a kill loses none. */
export interface RunLog {
  readonly logger: Logger;
  close(): void;
}

/** Where the log of a command goes, and whether it stays there. */
export type LogPlace = LogFlags & {
  /** For a command that runs for months: each day has its own file, unless there is `logFile`. Else that of the start is kept. */
  readonly isDaily?: boolean;
};

/**
 * Opens the log of a run (docs/operations.md#logs). Lines are written synchronously, with secrets removed. A file that cannot be
 * opened or written causes a warning, never a failure of the run.
 */
export async function openRunLog(around: Surroundings, place: LogPlace): Promise<RunLog> {
  const { default: pino } = await import('pino');
  let file = openLogFile(around, logFile(around, place));
  let wanted = file.name;
  const turn = (today: string): void => {
    wanted = today;
    // first, since it makes room
    rotateLogs(around, place);
    const next = openLogFile(around, today, file.isOpen ? `still in ${file.name}` : CONSOLE_ONLY);
    // a day is better in the file of the one before than nowhere
    if (!next.isOpen && file.isOpen) return;
    file.close();
    file = next;
  };
  const destination = {
    write(line: string): void {
      const today = place.isDaily === true ? logFile(around, place) : wanted;
      if (today !== wanted) turn(today);
      file.write(line);
    },
  };
  const logger = pino(
    {
      level: 'debug',
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label.toUpperCase() }) },
    },
    destination,
  );
  return { logger, close: () => file.close() };
}

const CONSOLE_ONLY = 'console only';

/** A log file that warns once where it cannot be opened or written, and is silent from then on. */
interface LogFile {
  readonly name: string;
  readonly isOpen: boolean;
  write(line: string): void;
  close(): void;
}

/** @param otherwise where lines go if it cannot be opened, for the warning */
function openLogFile(around: Surroundings, name: string, otherwise = CONSOLE_ONLY): LogFile {
  const fd = openForAppend(around, name, otherwise);
  let isWarned = false;
  const attempt = (work: (open: number) => void) => {
    if (fd === null) return;
    try {
      work(fd);
    } catch (error) {
      if (!isWarned) warnUnwritable(around, name, error, CONSOLE_ONLY);
      isWarned = true;
    }
  };
  return {
    name,
    isOpen: fd !== null,
    write(line) {
      if (isWarned) return;
      attempt((open) => writeSync(open, `${JSON.stringify(redactRecord(JSON.parse(line), around.redact))}\n`));
    },
    close: () => attempt(closeSync),
  };
}

/** `.logs/refresh-<local date>.log` under the root, unless the operator names another place. */
function logFile(around: Surroundings, flags: LogFlags): string {
  if (flags.logFile !== undefined) return path.resolve(around.root, flags.logFile);
  return path.join(logFolder(around, flags), `refresh-${localDate(around.now())}.log`);
}

/** Folder of the log files. */
export function logFolder(around: Surroundings, flags: Pick<LogFlags, 'logDir'>): string {
  return path.resolve(around.root, flags.logDir ?? '.logs');
}

/** The host's civil date of an instant: what `date +%Y-%m-%d` prints. */
export function localDate(epochMs: number): string {
  const date = new Date(epochMs);
  const two = (n: number) => String(n).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

function openForAppend(around: Surroundings, file: string, otherwise: string): number | null {
  try {
    // the log contains statements and errors of the database, so only this user may read it
    mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
    return openSync(file, 'a', 0o600);
  } catch (error) {
    warnUnwritable(around, file, error, otherwise);
    return null;
  }
}

function warnUnwritable(around: Surroundings, file: string, error: unknown, where: string): void {
  const why = error instanceof Error ? (error as NodeJS.ErrnoException).code : String(error);
  around.warn(`[WARNING] cannot write log file ${file} (${why}); ${where}`);
}
