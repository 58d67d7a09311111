/** Stable codes of {@link ImportError}; apps match on them, never on text. */
export type ImportErrorCode =
  | 'IMPORT_BAD_OPTION' // an option is not usable, in itself or with this file
  | 'IMPORT_FILE_NOT_FOUND'
  | 'IMPORT_FILE_UNREADABLE' // a folder, or a file that cannot be read
  | 'IMPORT_EMPTY_FILE' // no header line
  | 'IMPORT_ENCODING' // UTF-16 without a byte order mark
  | 'IMPORT_NOT_TEXT' // binary content
  | 'IMPORT_COMPRESSED' // an archive other than gzip, or damaged gzip data
  | 'IMPORT_UNKNOWN_FORMAT' // no known format, or a chosen column is missing
  | 'IMPORT_AMBIGUOUS' // the file can be read in two ways: as two formats, date orders or kinds of numbers
  | 'IMPORT_NO_PRICES' // the file has one price a day, and no open, high and low
  | 'IMPORT_DECIMAL_POINT_LOST' // a spreadsheet has taken decimal points for thousands separators
  | 'IMPORT_ARCHIVE' // a ZIP archive that does not hold exactly one CSV file, or is damaged
  | 'IMPORT_ASSET_UNKNOWN' // the name of a file does not identify its asset
  | 'IMPORT_OTHER_ASSET' // name, symbol or prices are not those of the asset stored under the id
  | 'IMPORT_NO_ROWS' // given up after a million lines that gave no row
  | 'IMPORT_NOT_DAILY'; // a row covers less or more than a day, or there are more rows than days

/** What an {@link ImportError} carries besides its code and message. */
export interface ImportErrorDetails {
  /** What to do next, one sentence. */
  hint?: string;
  /** Plain data for logs and tests. */
  context?: Record<string, unknown>;
  cause?: unknown;
}

/** A file or option that cannot be used at all; bad lines are values ({@link RejectedLine}), never this error. */
export class ImportError extends Error {
  override readonly name = 'ImportError';
  readonly code: ImportErrorCode;
  readonly hint: string | undefined;
  readonly context: Record<string, unknown>;

  constructor(code: ImportErrorCode, message: string, details: ImportErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.hint = details.hint;
    this.context = details.context ?? {};
  }
}
