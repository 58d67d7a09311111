/** Codes of what can go wrong in the golden comparison itself. A difference of values is no error but part of the report. */
export type GoldenErrorCode = 'GOLDEN_MISSING_FILE' | 'GOLDEN_BAD_FILE' | 'GOLDEN_BAD_COLUMN' | 'GOLDEN_DUPLICATE_KEY';

/** Failure of the golden comparison, with a stable `code`. */
export class GoldenError extends Error {
  override readonly name = 'GoldenError';

  constructor(
    readonly code: GoldenErrorCode,
    message: string,
  ) {
    super(message);
  }
}
