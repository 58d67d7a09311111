/** Stable codes of {@link EmaError}; public, documented and never reused. */
export type EmaErrorCode =
  | 'EMA_BAD_PERIOD'
  | 'EMA_BAD_ALPHA'
  | 'EMA_BAD_OPTION'
  | 'EMA_BAD_INPUT'
  | 'EMA_BAD_STATE'
  | 'EMA_NAN_INPUT';

/** What may accompany an {@link EmaError}: what to do next, plain data about the failure, and the error behind it. */
export interface EmaErrorDetails {
  readonly hint?: string;
  readonly context?: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
}

/**
 * A broken contract of this library: a parameter, an option or a stored state that cannot be used.
 * Faults of the data (non-finite values, values out of bounds) are returned as values and never thrown.
 */
export class EmaError extends Error {
  override readonly name = 'EmaError';
  /** Stable identifier to match on; the message text may change. */
  readonly code: EmaErrorCode;
  /** What the caller can do next. */
  readonly hint: string | undefined;
  /** Plain data: parameter, value and the like. */
  readonly context: Readonly<Record<string, unknown>>;

  constructor(code: EmaErrorCode, message: string, details: EmaErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.hint = details.hint;
    this.context = details.context ?? {};
  }
}
