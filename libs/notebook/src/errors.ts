/** Codes of {@link NotebookError}; public, never reused. */
export type NotebookErrorCode = 'NOTEBOOK_UNKNOWN_NAME' | 'NOTEBOOK_BAD_INSTANT' | 'NOTEBOOK_NO_ROWS';

/** A request that names what there is not, or for which nothing is stored. */
export class NotebookError extends Error {
  override readonly name = 'NotebookError';
  readonly code: NotebookErrorCode;

  constructor(code: NotebookErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
