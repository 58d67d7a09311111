import { type AlertLedger, type AlertRow } from '../src/ports.ts';

/** A ledger as the database keeps it. */
export interface MemoryLedger extends AlertLedger {
  readonly rows: AlertRow[];
}

export function memoryLedger(): MemoryLedger {
  const rows: AlertRow[] = [];
  return {
    rows,
    findLastSent: async (dedupKey) => {
      const sent = rows.filter((row) => row.dedupKey === dedupKey && row.sentAtMs !== null).at(-1);
      return sent === undefined ? null : { sentAtMs: sent.sentAtMs!, severity: sent.severity };
    },
    countSuppressed: async (dedupKey, sinceMs) =>
      rows.filter((r) => r.dedupKey === dedupKey && r.outcome === 'deduplicated' && r.createdAtMs >= sinceMs).length,
    record: async (row) => void rows.push(row),
  };
}

export const brokenLedger: AlertLedger = {
  findLastSent: () => Promise.reject(new Error('connection refused')),
  countSuppressed: () => Promise.reject(new Error('connection refused')),
  record: () => Promise.reject(new Error('connection refused')),
};

/** Never answers, as a connection does whose other end is gone. */
export const hangingLedger: AlertLedger = {
  findLastSent: () => new Promise(() => undefined),
  countSuppressed: () => new Promise(() => undefined),
  record: () => new Promise(() => undefined),
};
