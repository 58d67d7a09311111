import { CliError, commandOf, flag, type Argv, type CommandModule, type Surroundings } from '@ta/cli-kit';
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
      const names = days === null ? null : cleanLogs(folder, localDate(around.now()), days, flags.dryRun);
      if (names === null || names.length === 0) around.print('No old logs to clean');
      else if (flags.dryRun)
        around.print(`Would remove ${names.length} log file(s) older than ${days} days: ${names.join(', ')}`);
      else around.print(`Removed ${names.length} log file(s) older than ${days} days`);
    },
  });
}
