import { type AlertSeverity } from './threshold.ts';

/** Time, as alerts need it. */
export interface AlertClock {
  /** Wall clock in epoch ms, for stamps and deduplication. Not the `--as-of` of a run: alerts happen now. */
  nowMs(): number;
  /** Milliseconds that never jump, for budgets and pace. */
  monotonicMs(): number;
  /** Resolves after the duration or at once when the signal fires; never rejects. */
  sleep(durationMs: number, signal?: AbortSignal): Promise<void>;
}

/** One POST of a JSON text. */
export interface TransportRequest {
  /** Holds the bot token: must not reach a log or an error. */
  readonly url: string;
  readonly body: string;
  /** Limit for the whole exchange, body of the answer included. */
  readonly timeoutMs: number;
  /** Ends the request early. */
  readonly signal: AbortSignal;
}

/** The answer to a request. */
export interface TransportAnswer {
  readonly status: number;
  /** Header `Retry-After`, null when absent. */
  readonly retryAfter: string | null;
  /** Text of the answer; null when it did not arrive completely. */
  readonly body: string | null;
}

/**
 * Sends one request; rejects with AlertError `ALERT_TIMEOUT` or `ALERT_NETWORK` when no status line arrived.
 */
export type AlertTransport = (request: TransportRequest) => Promise<TransportAnswer>;

/** The last message that went out for a key. */
export interface LastSent {
  readonly sentAtMs: number;
  readonly severity: AlertSeverity;
}

/** One row of `ops_alerts`, free of secrets. */
export interface AlertRow {
  readonly dedupKey: string;
  readonly event: string;
  readonly severity: AlertSeverity;
  readonly title: string;
  /** Body lines and details, one per line, plain text. */
  readonly body: string;
  readonly runId: string;
  /** `sent`, `deduplicated`, or `failed(<reason>)`. */
  readonly outcome: string;
  /** Earlier messages that were held back and that this one announces as `(+N suppressed)`. */
  readonly suppressedCount: number;
  readonly createdAtMs: number;
  /** Null unless the message went out. */
  readonly sentAtMs: number | null;
}

/** Memory of alerts over runs. Any method may reject: the alerter then uses its fallback. */
export interface AlertLedger {
  /** The newest row of the key that has a `sentAtMs`; null when there is none. */
  findLastSent(dedupKey: string): Promise<LastSent | null>;
  /** Number of the key's rows with outcome `deduplicated` that were created at `sinceMs` or later. */
  countSuppressed(dedupKey: string, sinceMs: number): Promise<number>;
  /** Appends one row. */
  record(row: AlertRow): Promise<void>;
}

/** Level of a log record. */
export type AlertLogLevel = 'debug' | 'info' | 'warn' | 'error';

/** Receives log records; fields are plain data free of secrets. */
export type AlertLog = (level: AlertLogLevel, message: string, fields: Readonly<Record<string, unknown>>) => void;

/** What an alerter needs from outside: clock, network, ledgers and log. */
export interface AlertPorts {
  readonly clock: AlertClock;
  readonly transport: AlertTransport;
  /** The database's ledger; null when there is no database. */
  readonly ledger: AlertLedger | null;
  /** Takes over when `ledger` is null, rejects or hangs; usually the file of `createFileLedger`. */
  readonly fallbackLedger?: AlertLedger | null;
  readonly log: AlertLog;
  /** Name of this machine, for the footer of a message. */
  readonly host: string;
  /** Scrubber of the application, applied to every text in addition to the alerter's own. */
  readonly redact?: (text: string) => string;
}
