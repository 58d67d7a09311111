import { type AlertClock, type AlertLedger, type AlertRow, type LastSent } from './ports.ts';

/** What a guarded ledger is made of. */
export interface GuardedLedgerOptions {
  readonly ledger: AlertLedger | null;
  readonly fallbackLedger: AlertLedger | null;
  readonly clock: AlertClock;
  /** Limit of one call; evaluated for each call, since it shrinks with the time left for alerts. */
  readonly timeoutMs: () => number;
  /** Called at the first failure of each part, with the error. */
  readonly onFailure: (part: 'ledger' | 'fallbackLedger', thrown: unknown) => void;
}

/**
 * Joins the database's ledger and its fallback. Rows go to the database, or to the fallback when the database rejects or does
 * not answer in time. Sent alerts are looked up in both, so that an alert sent while the database was unavailable is known
 * afterwards. A ledger that did not answer in time once is not called again: alerts about an unreachable database must not
 * wait for it. The methods never reject: an alert that cannot be looked up counts as never sent.
 */
export function createGuardedLedger(options: GuardedLedgerOptions): AlertLedger {
  const primary = guard(options, 'ledger');
  const fallback = guard(options, 'fallbackLedger');
  return {
    async findLastSent(dedupKey) {
      const ask = (ledger: AlertLedger) => ledger.findLastSent(dedupKey);
      const [left, right] = await Promise.all([primary<LastSent | null>(ask), fallback<LastSent | null>(ask)]);
      return newer(left.value ?? null, right.value ?? null);
    },
    async countSuppressed(dedupKey, sinceMs) {
      const ask = (ledger: AlertLedger) => ledger.countSuppressed(dedupKey, sinceMs);
      const [left, right] = await Promise.all([primary(ask), fallback(ask)]);
      return (left.value ?? 0) + (right.value ?? 0);
    },
    async record(row: AlertRow) {
      const write = (ledger: AlertLedger) => ledger.record(row);
      if (!(await primary(write)).isDone) await fallback(write);
    },
  };
}

interface Attempt<T> {
  readonly isDone: boolean;
  readonly value?: T;
}

type Guarded = <T>(call: (ledger: AlertLedger) => Promise<T>) => Promise<Attempt<T>>;

function guard(options: GuardedLedgerOptions, part: 'ledger' | 'fallbackLedger'): Guarded {
  let ledger = options[part];
  let isReported = false;
  const report = (thrown: unknown) => {
    if (!isReported) options.onFailure(part, thrown);
    isReported = true;
  };
  return async (call) => {
    const asked = ledger;
    if (asked === null) return { isDone: false };
    const finished = new AbortController();
    try {
      const inTime = async () => ({ isDone: true, value: await call(asked) });
      const late = options.clock.sleep(options.timeoutMs(), finished.signal).then(() => null);
      const attempt = await Promise.race([inTime(), late]);
      if (attempt !== null) return attempt;
      ledger = null;
      report(new Error('no answer in time'));
    } catch (thrown) {
      report(thrown);
    } finally {
      finished.abort();
    }
    return { isDone: false };
  };
}

function newer(left: LastSent | null, right: LastSent | null): LastSent | null {
  if (left === null || right === null) return left ?? right;
  return right.sentAtMs > left.sentAtMs ? right : left;
}
