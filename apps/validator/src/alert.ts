import path from 'node:path';
import type { AlertEvent } from '@ta/alerts';
import type { Surroundings } from '@ta/cli-kit';
import type { Database } from '@ta/state-store';

/**
 * Sends the one alert of a validation that has something to report. The outcome is printed as a
 * warning at most: it never changes the exit code.
 */
export async function sendAlert(around: Surroundings, database: Database, event: AlertEvent | null): Promise<void> {
  if (event === null) return;
  const { createAlerter, processPorts, readAlertConfig } = await import('@ta/alerts');
  const { databaseLedger } = await import('@ta/pipeline');
  const { writeWholeFile } = await import('@ta/table-export');
  const alerter = createAlerter({
    config: readAlertConfig(around.env),
    ports: processPorts({
      folder: path.join(around.root, '.logs'),
      replaceFile: writeWholeFile,
      ledger: databaseLedger(() => database),
      host: around.host,
      redact: around.redact,
      log: (level, message) => void (level === 'warn' && around.warn(`[WARNING] ${message}`)),
    }),
  });
  const told = alerter.notify(event);
  await alerter.drain();
  const outcome = await told;
  if (outcome.kind === 'not_configured') around.warn('[INFO] telegram not configured: the alert was not sent');
  else if (outcome.kind !== 'failed') around.warn(`[INFO] alert ${event.severity}: ${outcome.kind.replace('_', ' ')}`);
}
