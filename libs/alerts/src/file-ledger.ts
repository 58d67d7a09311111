import { mkdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type AlertLedger, type AlertRow, type LastSent } from './ports.ts';
import { parseSeverity } from './threshold.ts';

/** Rows kept; far more than the messages of any deduplication window. */
const MAX_ROWS = 500;

/** Replaces the text of a file atomically: a reader sees the old text or the new one. A new file gets the permissions `mode`. */
export type ReplaceFile = (path: string, text: string, mode: number) => void;

/**
 * Keeps alerts in a JSON file while there is no usable database. The first record creates the file and its folder with access
 * for this user alone, because rows may quote messages of the database. Every write replaces the whole file at once and keeps
 * the newest 500 rows. A file that cannot be parsed counts as empty.
 *
 * @param path of the file, usually `.logs/alert-state.json`
 */
export function createFileLedger(path: string, replaceFile: ReplaceFile): AlertLedger {
  let last: Promise<unknown> = Promise.resolve();
  // calls run one after the other: two records at once would each write the file without the other's row
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
