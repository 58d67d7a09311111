import { mkdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type AlertLedger, type AlertRow, type LastSent } from './ports.ts';
import { parseSeverity } from './threshold.ts';

/** Rows kept; far more than the messages of any deduplication window. */
const MAX_ROWS = 500;

/** Puts a text into a file in one step: who reads meanwhile finds the old text or the new one. `mode` are the rights of a new file. */
export type ReplaceFile = (path: string, text: string, mode: number) => void;

/**
 * Keeps alerts in a JSON file, for the time without a database. The file and its folder are made on
 * the first record, for this user alone: messages of a database are in it. Every write replaces the whole file at once, and the
 * oldest of more than 500 rows are dropped. A file that cannot be understood counts as empty.
 *
 * @param path of the file, usually `.logs/alert-state.json`
 */
export function createFileLedger(path: string, replaceFile: ReplaceFile): AlertLedger {
  let last: Promise<unknown> = Promise.resolve();
  // one after the other: two records at once would each write back without the other's row
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const result = last.then(work);
    last = result.catch(() => undefined);
    return result;
  };
  const rowsOf = async (dedupKey: string) => (await readRows(path)).filter((row) => row.dedupKey === dedupKey);

  return {
    findLastSent: (dedupKey) => inTurn(async () => newestSent(await rowsOf(dedupKey))),
    countSuppressed: (dedupKey, sinceMs) =>
      inTurn(async () => {
        const rows = await rowsOf(dedupKey);
        return rows.filter((row) => row.outcome === 'deduplicated' && row.createdAtMs >= sinceMs).length;
      }),
    record: (row) =>
      inTurn(async () => {
        const rows = [...(await readRows(path)), row].slice(-MAX_ROWS);
        await mkdir(dirname(path), { recursive: true, mode: 0o700 });
        replaceFile(path, `${JSON.stringify({ version: 1, alerts: rows }, null, 1)}\n`, 0o600);
      }),
  };
}

function newestSent(rows: readonly AlertRow[]): LastSent | null {
  let newest: LastSent | null = null;
  for (const { sentAtMs, severity } of rows) {
    if (sentAtMs !== null && (newest === null || sentAtMs >= newest.sentAtMs)) newest = { sentAtMs, severity };
  }
  return newest;
}

async function readRows(path: string): Promise<AlertRow[]> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw thrown;
  }
  try {
    const { alerts } = JSON.parse(text) as { alerts?: unknown };
    return Array.isArray(alerts) ? alerts.filter(isRow) : [];
  } catch {
    return [];
  }
}

function isRow(value: unknown): value is AlertRow {
  if (typeof value !== 'object' || value === null) return false;
  const { dedupKey, severity, outcome, createdAtMs, sentAtMs } = value as Partial<AlertRow>;
  const isSentAt = sentAtMs === null || Number.isFinite(sentAtMs);
  const isText = typeof dedupKey === 'string' && typeof outcome === 'string' && typeof severity === 'string';
  return isText && parseSeverity(severity) !== null && Number.isFinite(createdAtMs) && isSentAt;
}
