import type { Builder, Component, EmaSource, Refresher } from './components.ts';
import type { ItemExecutor } from './item-executor.ts';
import type { ReconnectPolicy } from './reconnect.ts';
import type { RunSettings } from './run-settings.ts';

/** What one run shall do. */
export interface RefreshRequest extends ReconnectPolicy {
  readonly components: readonly Component[];
  readonly builders: readonly Builder[];
  readonly refreshers: readonly Refresher[];
  /** Restricts the EMA tables of the refreshers, e.g. to one scheme; all of them without. */
  readonly emaTables?: ReadonlySet<EmaSource['table']>;
  /** Ids in ascending order. */
  readonly ids: readonly number[];
  readonly settings: RunSettings;
  /** The run's clock, epoch ms (`--as-of`): freshness is judged by it. */
  readonly nowMs: number;
  readonly stalenessHours: number;
  readonly skipStaleCheck: boolean;
  readonly continueOnError: boolean;
  /** Ids refreshed side by side. */
  readonly concurrency: number;
  /** Stops the run: no further id starts, the steps in flight are rolled back. */
  readonly signal?: AbortSignal;
  /** Time limit of each component, milliseconds; 0 or nothing is none (operations.md 2.5). */
  readonly timeoutMs?: Readonly<Partial<Record<Component, number>>>;
  /** A component with new rejects fails, although its rows are stored: `--fail-on-rejects`, `--fail-on-validation`. */
  readonly failOnRejects?: Readonly<Partial<Record<Component, boolean>>>;
  /** Ids that the run which is resumed has finished: work forced by a full rebuild or by days of EMAs is not forced again. */
  readonly finished?: Readonly<Partial<Record<Component, ReadonlySet<number>>>>;
  /** Look for source changes that the log missed, and take them in. */
  readonly isDeepCheck?: boolean;
  /** Throws when this run may not write any more; asked before an id is begun and before it is committed. */
  readonly assertExclusive?: () => Promise<void>;
  /** Who executes the items; this process without. */
  readonly executor?: ItemExecutor;
}
