import { CliError, commandOf, EXIT, flag, type Argv, type CommandModule, type Surroundings } from '@ta/cli-kit';
import { cleanLogs } from '../log-retention.ts';
import { localDate, logFolder, RETENTION_DAYS, retentionDays } from '../run-log.ts';

const options = (yargs: Argv) =>
  yargs.positional('action', flag.oneOf(['clean'], 'Delete old log files', { demandOption: true })).options({
    days: flag.number(`Days to keep  [default: LOG_RETENTION_DAYS or ${RETENTION_DAYS}]`),
    'log-dir': flag.text('Folder of the log files  [default: .logs]'),
    'dry-run': flag.off('Only list what would be deleted'),
  });

/** `ta logs clean`: deletes old log files. */
export function logsCommand(around: Surroundings): CommandModule {
  return commandOf({
    command: 'logs <action>',
    describe: 'Delete old log files',
    builder: options,
    handler: (flags) => {
      const days = flags.days ?? retentionDays(around);
      if (days !== null && (!Number.isInteger(days) || days < 0))
        throw new CliError('CLI_BAD_NUMBER', '--days: expected a whole number of at least 0');
      const folder = logFolder(around, flags);
      const names =
        days === null ? null : clean(folder, () => cleanLogs(folder, localDate(around.now()), days, flags.dryRun));
      if (names === null || names.length === 0) around.print('No old logs to clean');
      else if (flags.dryRun)
        around.print(`Would remove ${names.length} log file(s) older than ${days} days: ${names.join(', ')}`);
      else around.print(`Removed ${names.length} log file(s) older than ${days} days`);
    },
  });
}

/** Runs work on the folder of the log files, and tells of a failure what to look at. */
function clean<T>(folder: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new CliError('CLI_LOGS', `Old log files were not deleted: ${why}`, {
      ...{ exitCode: EXIT.failed, hint: `Check the folder ${folder} and the rights of this user in it.`, cause },
    });
  }
}
