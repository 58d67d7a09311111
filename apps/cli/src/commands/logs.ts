import type { Argv, CommandModule } from 'yargs';
import { CliError, type Surroundings } from '@ta/cli-kit';
import { cleanLogs } from '../log-retention.ts';
import { localDate, logFolder } from '../run-log.ts';

interface LogsFlags {
  days?: number;
  dryRun: boolean;
  logDir?: string;
}

/** Default of `--days` and of `LOG_RETENTION_DAYS`. */
const RETENTION_DAYS = 30;

/** `ta logs clean`: deletes old log files (operations.md 3.5). */
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
        .option('dry-run', { type: 'boolean', default: false, describe: 'Only tell what would go' }),
    handler: (args) => {
      const flags = args as unknown as LogsFlags;
      const days = flags.days ?? retentionDays(around);
      if (!Number.isInteger(days) || days < 0)
        throw new CliError('CLI_BAD_NUMBER', '--days: expected a whole number of at least 0');
      const names = cleanLogs(logFolder(around, flags), localDate(around.now()), days, flags.dryRun);
      if (names === null || names.length === 0) around.print('No old logs to clean');
      else if (flags.dryRun)
        around.print(`Would remove ${names.length} log file(s) older than ${days} days: ${names.join(', ')}`);
      else around.print(`Removed ${names.length} log file(s) older than ${days} days`);
    },
  };
}

/** Days that log files are kept: `LOG_RETENTION_DAYS`, else 30. */
export function retentionDays(around: Surroundings): number {
  const text = around.env['LOG_RETENTION_DAYS'];
  return text === undefined || text === '' ? RETENTION_DAYS : Number(text);
}
