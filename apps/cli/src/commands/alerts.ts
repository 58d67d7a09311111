import { CliError, EXIT, type Surroundings, type Argv, type CommandModule } from '@ta/cli-kit';
import type { AlertSeverity } from '@ta/alerts';
import { newRunId } from '../database-access.ts';
import { logFolder } from '../run-log.ts';

interface AlertsFlags {
  action: 'test';
  severity: AlertSeverity;
  logDir?: string;
}

/** `ta alerts test`: one message past threshold and deduplication, to see that alerts arrive. */
export function alertsCommand(around: Surroundings): CommandModule {
  return {
    command: 'alerts <action>',
    describe: 'Send a test alert',
    builder: (yargs: Argv) =>
      yargs
        .positional('action', { choices: ['test'] as const, describe: 'What to do' })
        .option('severity', {
          choices: ['INFO', 'WARNING', 'ERROR', 'CRITICAL'] as const,
          default: 'INFO',
          coerce: (text: unknown) => (typeof text === 'string' ? text.toUpperCase() : text),
          describe: 'Severity of the message',
        })
        .option('log-dir', { type: 'string', describe: 'Folder of the log files, where the message is remembered' }),
    handler: (args) => sendTest(around, args as unknown as AlertsFlags),
  };
}

async function sendTest(around: Surroundings, { severity, logDir }: AlertsFlags): Promise<void> {
  const alerts = await import('@ta/alerts');
  const { writeWholeFile } = await import('@ta/table-export');
  const alerter = alerts.createAlerter({
    config: alerts.readAlertConfig(around.env),
    ports: alerts.processPorts({
      folder: logFolder(around, { logDir }),
      replaceFile: writeWholeFile,
      ledger: null,
      host: around.host,
      redact: around.redact,
      log: (level, message) => void (level === 'warn' && around.warn(`[WARNING] ${message}`)),
    }),
  });
  const runId = newRunId(around.now());
  const body = ['If you can read this, alerts of ta arrive here.'];
  const outcome = await alerter.notifyNow({ event: 'test', severity, title: 'Test alert', body, runId });
  await alerter.drain();
  if (outcome.kind === 'sent') {
    around.print(`[OK] Test alert sent with severity ${severity}`);
    return;
  }
  if (outcome.kind === 'not_configured') {
    throw new CliError('CLI_ALERTS_NOT_CONFIGURED', 'Alerts are not configured: nothing was sent', {
      exitCode: EXIT.unusable,
      hint: 'Set TELEGRAM_BOT_TOKEN and TELEGRAM_CHAT_ID in the environment or in .env.',
    });
  }
  const why = outcome.kind === 'failed' ? outcome.reason : outcome.kind;
  throw new CliError('CLI_ALERT_FAILED', `The test alert was not delivered: ${why}`, {
    exitCode: EXIT.failed,
    hint: 'Check token, chat id and the connection to the server; the chat must have started the bot.',
  });
}
