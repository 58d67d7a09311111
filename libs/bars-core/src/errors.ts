/**
 * The codes of broken contracts in this library; a code is public and never reused.
 *
 * | code | meaning |
 * |---|---|
 * | `BARS_BAD_DATE` | a text or a year/month/day that is not a civil date |
 * | `BARS_BAD_ZONE` | a zone name that the platform does not know, or an abbreviation, an offset or a POSIX form |
 * | `BARS_BAD_INSTANT` | an instant that is not a finite number of milliseconds, or that looks like another unit |
 * | `BARS_BAD_INPUT` | an argument that is not a column, or a cell that is neither a number nor "not known" |
 * | `BARS_BAD_OPTION` | an option that does not exist, or that the timeframe does not take |
 * | `BARS_BAD_TIMEFRAME` | a timeframe that breaks the rules of docs/bars.md#timeframes, or that a call cannot serve |
 * | `BARS_UNSORTED` | rows that do not ascend |
 * | `BARS_DUPLICATE_DAY` | two rows on one civil day |
 * | `BARS_BAD_RANGE` | a row range outside its series, or larger than its output buffer |
 * | `BARS_BAD_STATE` | a stored bar state that is damaged, of another version or of another timeframe |
 */
export type BarsErrorCode =
  | 'BARS_BAD_DATE'
  | 'BARS_BAD_ZONE'
  | 'BARS_BAD_INSTANT'
  | 'BARS_BAD_INPUT'
  | 'BARS_BAD_OPTION'
  | 'BARS_BAD_TIMEFRAME'
  | 'BARS_UNSORTED'
  | 'BARS_DUPLICATE_DAY'
  | 'BARS_BAD_RANGE'
  | 'BARS_BAD_STATE';

/** What a {@link BarsError} carries beside its message. */
export interface BarsErrorDetails {
  /** What to do next, as one sentence. */
  readonly hint?: string;
  /** The values that broke the contract, as plain data. */
  readonly context?: Readonly<Record<string, unknown>>;
  /** The lower error that led to this one. */
  readonly cause?: unknown;
}

/** A broken contract of this library; problems of the data are values (rejects, guard masks), never this. */
export class BarsError extends Error {
  override readonly name = 'BarsError';
  /** Stable identity of the failure; match on this, never on the message. */
  readonly code: BarsErrorCode;
  /** What to do next, or `undefined`. */
  readonly hint: string | undefined;
  /** The values that broke the contract. */
  readonly context: Readonly<Record<string, unknown>>;

  constructor(code: BarsErrorCode, message: string, details: BarsErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.hint = details.hint;
    this.context = details.context ?? {};
  }
}
