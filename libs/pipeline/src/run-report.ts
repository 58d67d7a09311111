import type { Builder, Component, Refresher } from './components.ts';

/** A step of either component. */
export type Step = Builder | Refresher;

/** Row counts of an item, a step or a run. */
export interface RowCounts {
  /** Source or input rows read. */
  read: number;
  written: number;
  deleted: number;
  /** New rejects recorded. */
  rejected: number;
  /** Bars whose extremes or extreme instants were repaired. */
  repaired: number;
  /** Source rows refused, or EMAs out of bounds, whether that was known before or not: a sign of a corrupt source. */
  refused: number;
  /** Source rows read whose high or low had to be put right, in the same sense. */
  clamped: number;
  /** Bars written with `is_missing_days`. */
  gaps: number;
}

/** What became of one (step, id). */
export type ItemStatus = 'ok' | 'noop' | 'no_source' | 'no_bars' | 'derived_behind' | 'failed' | 'skipped';

/**
 * Whether an item left undone what the data ask for. A run with such an item is not OK: summary, alerts and exit code
 * follow from it.
 */
export function isUndone(status: ItemStatus): boolean {
  return status === 'failed' || status === 'derived_behind';
}

/** Why a derived table was left as it was: what it is made of is not in step with the source. */
export class InputBehind extends Error {
  override readonly name = 'InputBehind';
  readonly code = 'PIPELINE_INPUT_BEHIND';
  readonly hint: string;

  /** @param what the table, and what its input lacks */
  constructor(id: number, what: string) {
    super(`${what} (derived_behind)`);
    this.hint = `Build all bars first: ta bars --ids ${id}`;
  }
}

/** Result of one (step, id), as data. */
export interface ItemOutcome {
  readonly component: Component;
  readonly step: Step;
  readonly id: number;
  readonly status: ItemStatus;
  readonly rows: Readonly<RowCounts>;
  readonly startedAtMs: number;
  readonly durationMs: number;
  /** Things the operator must see: a backfill, a missing source. */
  readonly notices: readonly Notice[];
  /** Why the item is undone. */
  readonly error?: unknown;
}

/** A line for the operator, with the event name of docs/operations.md#alerts. */
export interface Notice {
  readonly level: 'info' | 'warning' | 'error';
  readonly event: string;
  readonly text: string;
}

/** Nothing counted yet. */
export function noRows(): RowCounts {
  return { read: 0, written: 0, deleted: 0, rejected: 0, repaired: 0, refused: 0, clamped: 0, gaps: 0 };
}

/** Adds `more` to `total` in place. */
export function addRows(total: RowCounts, more: Readonly<RowCounts>): void {
  total.read += more.read;
  total.written += more.written;
  total.deleted += more.deleted;
  total.rejected += more.rejected;
  total.repaired += more.repaired;
  total.refused += more.refused;
  total.clamped += more.clamped;
  total.gaps += more.gaps;
}

/** How a step went over all ids of the run. */
export interface StepReport {
  readonly step: Step;
  status: 'ok' | 'failed' | 'skipped' | 'up_to_date';
  /** Seconds spent in this step, added over ids (ids run in parallel). */
  busySeconds: number;
  ids: { ok: number; upToDate: number; failed: number; skipped: number };
  rows: RowCounts;
  errors: { id: number; message: string }[];
  /** Why it failed although no id did. */
  note?: string;
}

/** How a component went. */
export interface ComponentReport<Name extends string = Component | 'validation'> {
  /** `validation` is the check of what was stored that may follow a refresh; it has no steps. */
  readonly component: Name;
  status: 'ok' | 'failed' | 'skipped';
  /** Wall-clock seconds, unrounded. */
  seconds: number;
  /** Why it failed or was not run. */
  note?: string;
  /** Whether it was ended by its time limit. */
  isTimedOut?: boolean;
  readonly steps: StepReport[];
}

/** What happened, as data: the command prints it, the run history stores it. */
export interface RunReport {
  readonly runId: string;
  readonly ids: readonly number[];
  readonly components: readonly ComponentReport[];
  readonly staleIds: readonly number[];
  readonly failedIds: readonly number[];
}
