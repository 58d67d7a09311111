/** Codes of {@link ExportError}; public, never reused. */
export type ExportErrorCode = 'EXPORT_UNKNOWN_TABLE' | 'EXPORT_FILE';

/** An export that cannot be made as asked. */
export class ExportError extends Error {
  override readonly name = 'ExportError';
  readonly code: ExportErrorCode;
  /** What to do next. */
  readonly hint: string | undefined;

  constructor(code: ExportErrorCode, message: string, details: { hint?: string; cause?: unknown } = {}) {
    super(message, { cause: details.cause });
    this.code = code;
    this.hint = details.hint;
  }
}
