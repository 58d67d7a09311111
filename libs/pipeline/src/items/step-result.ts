import type { EmaStateRow, EmaTable } from '@ta/state-store';
import type { ItemStatus, Notice, RowCounts } from '../run-report.ts';

/** What a step did, before timing and bookkeeping are added. */
export interface StepResult {
  readonly status: ItemStatus;
  readonly rows: RowCounts;
  readonly notices: readonly Notice[];
  /** Why the step is undone although it did not throw. */
  readonly error?: unknown;
  /** EMA states to be stored with the rows, by table. */
  readonly emaStates?: ReadonlyMap<EmaTable, readonly EmaStateRow[]>;
}
