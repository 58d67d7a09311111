import type { CheckContext } from './check-context.ts';
import type { Found } from './finding.ts';
import type { Severity } from './severity.ts';

/** One check of docs/operations.md, as a value: what it is called, how bad its findings are, and how it is run. */
export interface Check {
  /** `B01` and so on for bars, `E01` for EMAs, in the order of the files and of the reports. */
  readonly id: string;
  readonly name: string;
  /** Severity of its findings unless a finding says otherwise: the worst it reports. */
  readonly severity: Severity;
  /** Whether the database judges by SQL, or rows are computed again by the pure cores. */
  readonly kind: 'sql' | 'recompute';
  /** Names in `detail` of its findings. */
  readonly columns: readonly string[];
  /** The conditions that the check tests, for `--explain`. */
  readonly explanation: string;
  /** Advice to the operator about a finding. */
  readonly whatToDo: string;
  /** The tables whose rows it judges: with all of them empty there is nothing to judge. */
  tables(context: CheckContext): readonly string[];
  /** Yields the findings, without changing anything in the database. */
  run(context: CheckContext): AsyncIterable<Found>;
}

/** Whether a check is one of bars or of EMAs, as its id says. */
export function scopeOf({ id }: Pick<Check, 'id'>): 'bars' | 'emas' {
  return id.startsWith('B') ? 'bars' : 'emas';
}
