import { CodedError } from '@ta/state-store';

/** Codes of {@link ValidationError}; public and never reused. */
export type ValidationErrorCode = 'VALIDATION_BAD_OPTION' | 'VALIDATION_UNKNOWN_CHECK' | 'VALIDATION_BAD_RESULT';

/** The error class of this library: for a request that makes no sense, or a database answer that cannot be read. */
export class ValidationError extends CodedError<ValidationErrorCode> {
  override readonly name = 'ValidationError';
}
