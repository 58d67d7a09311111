import type { Component } from './components.ts';
import type { ItemExecutor } from './item-executor.ts';
import type { ReconnectPolicy } from './reconnect.ts';
import type { PlanOrder } from './plan/plan-order.ts';

/** What one run shall do. */
export interface RefreshRequest extends PlanOrder, ReconnectPolicy {
  /** Ids in ascending order. */
  readonly ids: readonly number[];
  /** The run's clock, epoch ms (`--as-of`): freshness is judged by it. */
  readonly nowMs: number;
  readonly stalenessHours: number;
  readonly skipStaleCheck: boolean;
  readonly continueOnError: boolean;
  /** Ids refreshed in parallel. */
  readonly concurrency: number;
  /** Stops the run: no further id starts, the steps in flight are rolled back. */
  readonly signal?: AbortSignal;
  /** Time limit of each component, milliseconds; 0 or undefined for no limit (docs/operations.md#commands). */
  readonly timeoutMs?: Readonly<Partial<Record<Component, number>>>;
  /** A component with new rejects fails, although its rows are stored: `--fail-on-rejects`, `--fail-on-validation`. */
  readonly failOnRejects?: Readonly<Partial<Record<Component, boolean>>>;
  /** Look for source changes that the log missed, and take them in. */
  readonly isDeepCheck?: boolean;
  /** Throws when this run may not write any more; asked before an id is begun and before it is committed. */
  readonly assertExclusive?: () => Promise<void>;
  /** Who executes the items; this process without. */
  readonly executor?: ItemExecutor;
}
