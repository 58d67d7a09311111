import path from 'node:path';
import { systemClock } from './clock.ts';
import { fetchTransport } from './fetch-transport.ts';
import { createFileLedger, type ReplaceFile } from './file-ledger.ts';
import type { AlertPorts } from './ports.ts';

/**
 * The ports of a real process: its clock, its network, and a file in `folder` that keeps alerts while the ledger cannot.
 * Programs that share the folder do not repeat each other's alerts.
 */
export function processPorts({
  folder,
  replaceFile,
  ...own
}: { readonly folder: string; readonly replaceFile: ReplaceFile } & Pick<
  AlertPorts,
  'ledger' | 'host' | 'redact' | 'log'
>): AlertPorts {
  const fallbackLedger = createFileLedger(path.join(folder, 'alert-state.json'), replaceFile);
  return { clock: systemClock, transport: fetchTransport(), fallbackLedger, ...own };
}
