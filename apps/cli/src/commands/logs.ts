import { CliError, type Surroundings, type Argv, type CommandModule } from '@ta/cli-kit';
import { cleanLogs } from '../log-retention.ts';
import { localDate, logFolder, RETENTION_DAYS, retentionDays } from '../run-log.ts';

interface LogsFlags {
  days?: number;
  dryRun: boolean;
  logDir?: string;
}

/** `ta logs clean`: deletes old log files. */
export function logsCommand(around: Surroundings): CommandModule {
  return {
    command: 'logs <action>',
    describe: 'Delete old log files',
    builder: (yargs: Argv) =>
      yargs
        .positional('action', { choices: ['clean'] as const, describe: 'What to do' })
        .option('days', {
          type: 'number',
          describe: `Days to keep  [default: LOG_RETENTION_DAYS or ${RETENTION_DAYS}]`,
        })
        .option('log-dir', { type: 'string', describe: 'Folder of the log files  [default: .logs]' })
        .option('dry-run', { type: 'boolean', default: false, describe: 'Only list what would be deleted' }),
    handler: (args) => {
      const flags = args as unknown as LogsFlags;
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
  };
}
