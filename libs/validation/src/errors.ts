/** Codes of {@link ValidationError}; public and never reused. */
export type ValidationErrorCode = 'VALIDATION_BAD_OPTION' | 'VALIDATION_UNKNOWN_CHECK' | 'VALIDATION_BAD_RESULT';

/** What a {@link ValidationError} carries besides code and message. */
export interface ValidationErrorDetails {
  /** What the reader can do next. */
  readonly hint?: string;
  readonly context?: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
}

/** The one error of this library: a request that makes no sense, or a database answer that cannot be read. */
export class ValidationError extends Error {
  override readonly name = 'ValidationError';
  readonly hint: string | undefined;
  readonly context: Readonly<Record<string, unknown>>;

  constructor(
    readonly code: ValidationErrorCode,
    message: string,
    details: ValidationErrorDetails = {},
  ) {
    super(message, { cause: details.cause });
    this.hint = details.hint;
    this.context = details.context ?? {};
  }
}
