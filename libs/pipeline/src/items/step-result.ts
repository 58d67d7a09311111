import type { EmaStateRow, EmaTable } from '@ta/state-store';
import type { ItemStatus, Notice, RowCounts } from '../run-report.ts';

/** The result of a step, before timing and bookkeeping are added. */
export interface StepResult {
  readonly status: ItemStatus;
  readonly rows: RowCounts;
  readonly notices: readonly Notice[];
  /** Why the step has not done its work although it did not throw. */
  readonly error?: unknown;
  /** EMA states to be stored with the rows, by table. */
  readonly emaStates?: ReadonlyMap<EmaTable, readonly EmaStateRow[]>;
}
