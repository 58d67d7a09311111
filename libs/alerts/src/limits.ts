/** Bounds of alerting in one run (docs/operations.md#alerts); all times in ms. */
export interface AlertLimits {
  /** How long events of one (event, component) are collected before their message is sent; Infinity: until `drain`. */
  readonly collectMs: number;
  /** Most messages of one run, the digest included. */
  readonly messagesPerRun: number;
  /** Least time from one message to the next. */
  readonly messageGapMs: number;
  /** The longest time that one run may spend on alerts. */
  readonly budgetMs: number;
  /** Limit of one request. */
  readonly requestTimeoutMs: number;
  /** Limit of one call of a ledger. */
  readonly ledgerTimeoutMs: number;
}

/** The bounds in production. */
export const DEFAULT_LIMITS: AlertLimits = {
  collectMs: 2_000,
  messagesPerRun: 20,
  messageGapMs: 1_000,
  budgetMs: 90_000,
  requestTimeoutMs: 10_000,
  ledgerTimeoutMs: 2_000,
};
