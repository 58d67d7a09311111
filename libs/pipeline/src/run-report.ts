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
  /** Bars with a repaired high, low, or instant (opening, closing, high or low). */
  repaired: number;
  /** Refused source rows or EMAs out of bounds, whether already known or not: a sign of a corrupt source. */
  refused: number;
  /** Source rows read whose high or low had to be repaired, whether already known or not. */
  clamped: number;
  /** Bars written with `is_missing_days`. */
  gaps: number;
}

/** The outcome of one (step, id). */
export type ItemStatus = 'ok' | 'noop' | 'no_source' | 'no_bars' | 'derived_behind' | 'failed' | 'skipped';

/**
 * Whether an item did not do the work that the data require. A run with such an item is not OK; summary, alerts and exit code
 * depend on this.
 */
export function isUndone(status: ItemStatus): boolean {
  return status === 'failed' || status === 'derived_behind';
}

/** The reason why a derived table was not changed: its input is not up to date with the source. */
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
  /** Notices for the operator, such as a backfill or a missing source. */
  readonly notices: readonly Notice[];
  /** Why the item was not done. */
  readonly error?: unknown;
}

/** A line for the operator, with the event name of docs/operations.md#alerts. */
export interface Notice {
  readonly level: 'info' | 'warning' | 'error';
  readonly event: string;
  readonly text: string;
}

/** A notice that is a warning. */
export function warning(event: string, text: string): Notice {
  return { level: 'warning', event, text };
}

/** Nothing counted yet. */
export function noRows(): RowCounts {
  return { read: 0, written: 0, deleted: 0, rejected: 0, repaired: 0, refused: 0, clamped: 0, gaps: 0 };
}

/** Adds `more` to `total` in place. */
export function addRows(total: RowCounts, more: Readonly<RowCounts>): void {
  for (const count of Object.keys(total) as (keyof RowCounts)[]) total[count] += more[count];
}

/** The outcome of a step over all ids of the run. */
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

/** The outcome of a component. */
export interface ComponentReport<Name extends string = Component | 'validation'> {
  /** `validation` is the check of the stored data that may follow a refresh; it has no steps. */
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

/** The outcome of a run as data, which the command prints and the run history stores. */
export interface RunReport {
  readonly runId: string;
  readonly ids: readonly number[];
  readonly components: readonly ComponentReport[];
  readonly staleIds: readonly number[];
  readonly failedIds: readonly number[];
}
