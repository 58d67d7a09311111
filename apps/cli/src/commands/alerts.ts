import {
  CliError,
  commandOf,
  EXIT,
  flag,
  type Argv,
  type CommandModule,
  type FlagsOf,
  type Surroundings,
} from '@ta/cli-kit';
import type { AlertSeverity } from '@ta/alerts';
import { newRunId } from '../run-id.ts';
import { logFolder } from '../run-log.ts';

const options = (yargs: Argv) =>
  yargs.positional('action', flag.oneOf(['test'], 'Send a test message', { demandOption: true })).options({
    severity: flag.oneOf(['INFO', 'WARNING', 'ERROR', 'CRITICAL'], 'Severity of the message', {
      default: 'INFO',
      coerce: (word: unknown) => (typeof word === 'string' ? word.toUpperCase() : word) as AlertSeverity,
    }),
    'log-dir': flag.text('Folder of the log files; the alert is also recorded there'),
  });
type AlertsFlags = FlagsOf<typeof options>;

/** `ta alerts test`: sends one message, bypassing threshold and deduplication, to see whether alerts arrive. */
export function alertsCommand(around: Surroundings): CommandModule {
  return commandOf({
    command: 'alerts <action>',
    describe: 'Send a test alert',
    builder: options,
    handler: (flags) => sendTest(around, flags),
  });
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
