import type { Builder, Component, EmaSource, Refresher } from '@ta/pipeline';

/** Selection of a run as stored in `ops_runs.args`. */
export interface RunArgs extends Record<string, unknown> {
  readonly components: readonly Component[];
  readonly builders: readonly Builder[];
  readonly refreshers: readonly Refresher[];
  readonly emaTables: readonly EmaSource['table'][] | null;
  readonly ids: readonly number[];
  readonly zone: string;
  readonly periods: readonly number[];
  readonly fullRebuild: boolean;
  readonly asOf: string;
  /** Part of the ids that the run was for, `i/n`; absent for all of them. */
  readonly shard?: string;
  /** Whether workers executed its items; absent when this process did. */
  readonly isDistributed?: true;
}

/** Whether stored arguments are those of a refresh. */
export function isRunArgs(args: unknown): args is RunArgs {
  if (typeof args !== 'object' || args === null) return false;
  const { components, builders, refreshers, ids } = args as Record<string, unknown>;
  return [components, builders, refreshers, ids].every(Array.isArray);
}
