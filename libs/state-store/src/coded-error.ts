/** What an error carries besides its code and message. */
export interface ErrorDetails {
  /** What the reader can do next. */
  readonly hint?: string;
  /** Plain data for logs. Never parameter values. */
  readonly context?: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
}

/**
 * Base class of the errors of the store and of the libraries built on it. The code is public and never reused for another error.
 */
export abstract class CodedError<Code extends string> extends Error {
  readonly hint: string | undefined;
  readonly context: Readonly<Record<string, unknown>>;

  constructor(
    readonly code: Code,
    message: string,
    { hint, context = {}, cause }: ErrorDetails = {},
  ) {
    super(message, cause === undefined ? undefined : { cause });
    this.hint = hint;
    this.context = context;
  }
}
