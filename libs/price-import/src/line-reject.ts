import type { InstantProblem } from './parse-instant.ts';
import type { NumberProblem } from './parse-number.ts';

/** Why a line cannot be cut into fields. */
type SplitProblem = 'unclosed_quote' | 'misplaced_quote';

/** Why a line of a file was not imported. */
export type LineRejectReason =
  | NumberProblem
  | InstantProblem
  | SplitProblem
  | 'column_count'
  | 'missing_timestamp'
  | 'missing_name'
  | 'unusable_name'
  | 'other_asset'
  | 'duplicate_timestamp'
  | 'not_a_day'
  | 'no_factor'
  | 'ahead_of_the_clock'
  | 'not_utf8'
  | 'line_too_long';

/** What is wrong with a line, without its place. */
export interface LineProblem {
  reason: LineRejectReason;
  /** Column as the header spells it; null when the line as a whole is at fault. */
  column: string | null;
  /** The first 40 characters of the offending cell or line, control characters escaped. */
  value: string;
  /** One clause for people, without line, column and value. */
  message: string;
}

/** A line that was not imported; only the first problem of the line is reported. */
export interface RejectedLine extends LineProblem {
  /** 1-based line of the (unpacked) file, the header included. */
  line: number;
}

const SHOWN_CHARACTERS = 40;

/** A cell made safe and short enough to print: its first 40 characters, control characters escaped, then an ellipsis if cut. */
export function shownValue(text: string): string {
  const cut = text.length > SHOWN_CHARACTERS ? text.slice(0, SHOWN_CHARACTERS) : text;
  const safe = cut.replace(
    /[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu,
    (char) => `\\u${char.codePointAt(0)!.toString(16).padStart(4, '0')}`,
  );
  // A copy: a slice would keep the whole chunk of the file it was cut from in memory.
  const copy = Buffer.from(safe, 'utf8').toString('utf8');
  return cut.length < text.length ? `${copy}…` : copy;
}

/** One line about a rejected line: `line 12, close: "1,5": a decimal comma …`. */
export function rejectedLineText(rejected: RejectedLine): string {
  const place = rejected.column === null ? `line ${rejected.line}` : `line ${rejected.line}, ${rejected.column}`;
  return rejected.value === '' ? `${place}: ${rejected.message}` : `${place}: "${rejected.value}": ${rejected.message}`;
}
