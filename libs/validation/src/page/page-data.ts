import type { Check } from '../check.ts';
import type { Finding } from '../finding.ts';
import type { CheckResult, StatusCounts, ValidationResult } from '../run-checks.ts';

/** What the page of a validation shows, as data: everything is bounded, and `leftOut` says what is not in it. */
export interface PageData {
  /** The database, password masked. */
  readonly target: string;
  /** The clock of the validation, ISO-8601 UTC. */
  readonly asOf: string;
  readonly profile: string;
  readonly isPassed: boolean;
  /** Why it failed, where no check did; else null. */
  readonly reason: string | null;
  readonly sums: StatusCounts & Pick<ValidationResult, 'findings' | 'bySeverity' | 'gaps' | 'duplicates'>;
  readonly checks: readonly PageCheck[];
  /** The worst first. */
  readonly findings: readonly PageFinding[];
  readonly places: readonly PagePlace[];
  readonly calendars: readonly PageCalendar[];
  /** Sentences about what is not in the page. */
  readonly leftOut: readonly string[];
}

/** A line of the table of checks. */
export interface PageCheck
  extends
    Pick<Check, 'id' | 'name' | 'kind' | 'explanation' | 'whatToDo'>,
    Pick<CheckResult, 'status' | 'findings' | 'worst' | 'reason'> {
  readonly ms: number;
}

/** A finding; `place` is an index into the places, or null where there is nothing to draw. */
export interface PageFinding extends Omit<Finding, 'name' | 'diff' | 'detail' | 'whatToDo'> {
  /** As JSON. */
  readonly detail: string;
  readonly place: number | null;
}

/** Bars around the place of a finding. */
export interface PagePlace {
  /** What the bars are, such as `cmc_price_bars_multi_tf, id 1, 7D`. */
  readonly label: string;
  /** Day (`YYYY-MM-DD`), open, high, low, close; a value that cannot be drawn is null. Ascending by day. */
  readonly bars: readonly PageBar[];
  /** The stored EMA over the bars, for findings about EMAs. */
  readonly line: { readonly label: string; readonly points: readonly (readonly [string, number | null])[] } | null;
  /** Day of the finding; null when it names none, in which case the newest bars are shown. */
  readonly mark: string | null;
}

/** One bar of a place. */
export type PageBar = readonly [
  day: string,
  open: number | null,
  high: number | null,
  low: number | null,
  close: number | null,
];

/**
 * The days of one asset. `marks` is run-length coded, a count and a letter each: `b` a bar, `r` a repaired bar, `x` rejected,
 * `g` missing in the source, `l` in the source and neither bar nor reject.
 */
export interface PageCalendar {
  readonly id: number;
  readonly name: string;
  readonly firstDay: string;
  readonly days: number;
  readonly marks: string;
  readonly counts: Readonly<Record<DayMark, number>>;
}

/** What became of a civil day. */
export type DayMark = 'b' | 'r' | 'x' | 'g' | 'l';
