import { CodedError } from '@ta/state-store';

/** Codes of {@link ExportError}; public, never reused. */
export type ExportErrorCode = 'EXPORT_UNKNOWN_TABLE' | 'EXPORT_FILE';

/** An export that cannot be made as asked. */
export class ExportError extends CodedError<ExportErrorCode> {
  override readonly name = 'ExportError';
}
