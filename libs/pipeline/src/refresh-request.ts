import type { Component } from './components.ts';
import type { ItemExecutor } from './item-executor.ts';
import type { ReconnectPolicy } from './reconnect.ts';
import type { PlanRequest } from './plan/plan-request.ts';

/** What one run has to do. */
export interface RefreshRequest extends PlanRequest, ReconnectPolicy {
  /** Ids in ascending order. */
  readonly ids: readonly number[];
  /** The run's clock, epoch ms (`--as-of`): freshness is judged by it. */
  readonly nowMs: number;
  readonly stalenessHours: number;
  readonly skipStaleCheck: boolean;
  readonly continueOnError: boolean;
  /** Ids refreshed in parallel. */
  readonly concurrency: number;
  /** Stops the run: no further id is started, and running steps are rolled back. */
  readonly signal?: AbortSignal;
  /** Time limit of each component, milliseconds; 0 or undefined for no limit (docs/operations.md#commands). */
  readonly timeoutMs?: Readonly<Partial<Record<Component, number>>>;
  /**
   * Components that fail when they have new rejects, although their rows are stored: `--fail-on-rejects`, `--fail-on-validation`.
   */
  readonly failOnRejects?: Readonly<Partial<Record<Component, boolean>>>;
  /** Whether to look for source changes that are missing in the log, and to process them. */
  readonly isDeepCheck?: boolean;
  /** Throws when this run must not write any more; called before an id is started and before its commit. */
  readonly assertExclusive?: () => Promise<void>;
  /** Executes the items; by default this process does. */
  readonly executor?: ItemExecutor;
}
