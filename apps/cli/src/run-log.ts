import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import path from 'node:path';
import { CliError, redactRecord, type Surroundings, type Argv } from '@ta/cli-kit';
import type { Logger } from 'pino';
import { cleanLogs } from './log-retention.ts';

/** Where the log of a run goes. */
export interface LogFlags {
  logFile?: string;
  logDir?: string;
}

/** The flags that say where the log goes. */
export function logOptions(yargs: Argv): Argv {
  return yargs
    .option('log-file', { type: 'string', describe: 'Log file  [default: .logs/refresh-<date>.log]' })
    .option('log-dir', { type: 'string', describe: 'Folder of the log files  [default: .logs]' });
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

/** Deletes the log files that are too old, at the start of a run (docs/operations.md#logs). Never fails the run. */
export function rotateLogs(around: Surroundings, flags: Pick<LogFlags, 'logDir'>): void {
  try {
    const days = retentionDays(around);
    if (days !== null) cleanLogs(logFolder(around, flags), localDate(around.now()), days);
  } catch (error) {
    around.warn(`[WARNING] Old log files were not deleted: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** The log file of one run: JSON lines, written at once, complete up to a kill. */
export interface RunLog {
  readonly logger: Logger;
  /** File that is written to, or null when none could be opened. */
  readonly file: string | null;
  close(): void;
}

/**
 * Opens the log file of a run (docs/operations.md#logs). Lines are written synchronously and scrubbed. A file that cannot be
 * opened or written costs a warning, never the run.
 */
export async function openRunLog(around: Surroundings, flags: LogFlags): Promise<RunLog> {
  if (flags.logFile !== undefined && flags.logDir !== undefined) {
    throw new CliError('CLI_CONFLICT', '--log-file and --log-dir exclude each other');
  }
  const { default: pino } = await import('pino');
  const file = logFile(around, flags);
  const fd = openForAppend(around, file);
  let isWarned = false;
  const destination = {
    write(line: string): void {
      if (fd === null || isWarned) return;
      try {
        writeSync(fd, `${JSON.stringify(redactRecord(JSON.parse(line), around.redact))}\n`);
      } catch (error) {
        isWarned = true;
        warnUnwritable(around, file, error);
      }
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
  return { logger, file: fd === null ? null : file, close: () => void (fd === null || closeSync(fd)) };
}

/** `.logs/refresh-<local date of the start>.log` under the root, unless the operator names another place. */
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

function openForAppend(around: Surroundings, file: string): number | null {
  try {
    // statements and failures of a database are in it: for this user alone
    mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
    return openSync(file, 'a', 0o600);
  } catch (error) {
    warnUnwritable(around, file, error);
    return null;
  }
}

function warnUnwritable(around: Surroundings, file: string, error: unknown): void {
  const why = error instanceof Error ? (error as NodeJS.ErrnoException).code : String(error);
  around.warn(`[WARNING] cannot write log file ${path.relative(around.root, file)} (${why}); console only`);
}
