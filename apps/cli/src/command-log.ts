import type { Surroundings } from '@ta/cli-kit';
import { newRunId } from './run-id.ts';
import { errorRecord } from './log-observer.ts';
import { errorText } from './run-history.ts';
import { openRunLog, type LogFlags, type LogPlace } from './run-log.ts';
import { withWritableDatabase, type OpenDatabase, type WriteAccess } from './writable-database.ts';

/** What a logged command works with. */
export interface LoggedWork {
  /** Output through these goes to the console and to the log; the tag at the start of a line gives the log level. */
  readonly around: Surroundings;
  /** Identifies the command in the log and as holder of the run lock. */
  readonly runId: string;
}

/**
 * Runs a command that changes the database but is not a refresh, and records it in the log file (docs/operations.md#logs):
 * its arguments, its output, and how it ended. The record of a failure contains the word FAILED.
 *
 * @param facts the arguments of the command, as data
 */
export async function withCommandLog<T>(
  surroundings: Surroundings,
  place: LogPlace,
  command: string,
  facts: Readonly<Record<string, unknown>>,
  work: (logged: LoggedWork) => Promise<T>,
): Promise<T> {
  const log = await openRunLog(surroundings, place);
  const runId = newRunId(surroundings.now());
  const logger = log.logger.child({ runId });
  const record = (line: string) => logger[levelOf(line)](line);
  const around: Surroundings = {
    ...surroundings,
    print: (line) => (record(line), surroundings.print(line)),
    warn: (line) => (record(line), surroundings.warn(line)),
  };
  logger.info({ event: 'command_started', ...facts }, `${command} started`);
  try {
    const result = await work({ around, runId });
    logger.info({ event: 'command_ended' }, `${command} ended`);
    return result;
  } catch (error) {
    logger.error({ event: 'command_failed', err: errorRecord(error) }, `${command} FAILED: ${errorText(error)}`);
    throw error;
  } finally {
    log.close();
  }
}

/** A command that changes the database and is recorded in the log file. */
export interface LoggedCommand extends Pick<WriteAccess, 'command' | 'makesDatabase' | 'signal'> {
  readonly flags: LogFlags & { readonly dbUrl?: string; readonly waitLock?: number };
  /** The arguments of the command, as data. */
  readonly facts: Readonly<Record<string, unknown>>;
}

/** A database open for a logged command. */
export type LoggedDatabase = OpenDatabase & LoggedWork;

/** Runs a command as {@link withCommandLog} does, with the chosen database open for writing. */
export function withLoggedDatabase<T>(
  surroundings: Surroundings,
  { flags, facts, ...access }: LoggedCommand,
  work: (open: LoggedDatabase) => Promise<T>,
): Promise<T> {
  const { command } = access;
  const { dbUrl, waitLock: waitLockSeconds } = flags;
  return withCommandLog(surroundings, flags, command, facts, ({ around, runId }) =>
    withWritableDatabase(around, { dbUrl, runId, waitLockSeconds, ...access }, (open) => work({ ...open, around })),
  );
}

function levelOf(line: string): 'info' | 'warn' | 'error' {
  if (/^\s*\[(ERROR|FAILED)\]/.test(line)) return 'error';
  return /^\s*\[WARNING\]/.test(line) ? 'warn' : 'info';
}
