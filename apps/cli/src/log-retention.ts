import { DAY_MS } from '@ta/cli-kit';
import { readdirSync, rmSync } from 'node:fs';
import path from 'node:path';

const LOG_NAME = /^refresh-(\d{4})-(\d{2})-(\d{2})\.log$/;

/**
 * The log files of a folder whose date lies strictly more than `days` before today (docs/operations.md). Only names of the
 * exact form `refresh-YYYY-MM-DD.log` count.
 *
 * @param today the host's civil date, `YYYY-MM-DD`
 */
export function expiredLogs(names: readonly string[], today: string, days: number): string[] {
  const limit = Date.parse(`${today}T00:00:00Z`) - days * DAY_MS;
  return names.filter((name) => {
    const parts = LOG_NAME.exec(name);
    return parts !== null && Date.parse(`${parts[1]}-${parts[2]}-${parts[3]}T00:00:00Z`) < limit;
  });
}

/**
 * Deletes expired log files of a folder.
 *
 * @returns their names; null when the folder does not exist
 */
export function cleanLogs(folder: string, today: string, days: number, isDryRun = false): string[] | null {
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
  const expired = expiredLogs(names, today, days).sort();
  if (!isDryRun) for (const name of expired) rmSync(path.join(folder, name), { force: true });
  return expired;
}
