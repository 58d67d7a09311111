import { BUILDERS, COMPONENTS, loadSettings, refresh, REFRESHERS, type RunReport } from '@ta/pipeline';
import type { Database } from '@ta/state-store';
import { CONCURRENCY } from './workbench.ts';

/** What {@link refreshOnce} does differently from `ta refresh --all`. */
export interface RefreshChoice {
  readonly ids: readonly number[];
  /** The run's clock, epoch ms. */
  readonly nowMs: number;
  readonly fullRebuild?: boolean;
}

/**
 * `ta refresh --all` in this process: all canonical timeframes, all periods, four ids side by side.
 * @throws Error when an item failed: a benchmark of half a refresh would be a lie
 */
export async function refreshOnce(database: Database, choice: RefreshChoice): Promise<RunReport> {
  const settings = await database.session((session) =>
    loadSettings(session, { runId: 'bench', zone: 'UTC', fullRebuild: choice.fullRebuild }),
  );
  const report = await refresh(
    database,
    {
      components: COMPONENTS,
      builders: BUILDERS,
      refreshers: REFRESHERS,
      ids: choice.ids,
      settings,
      nowMs: choice.nowMs,
      stalenessHours: 48,
      skipStaleCheck: false,
      continueOnError: false,
      concurrency: CONCURRENCY,
    },
    {},
    () => performance.now(),
  );
  const failed = report.components.find(({ status }) => status !== 'ok');
  if (failed !== undefined) {
    const errors = failed.steps.flatMap((step) =>
      step.errors.map(({ id, message }) => `${step.step} ${id}: ${message}`),
    );
    throw new Error(`${failed.component} ${failed.status}: ${[failed.note, ...errors].join('; ')}`);
  }
  return report;
}

/** Rows that a run wrote. */
export function rowsWritten(report: RunReport): number {
  return report.components.flatMap(({ steps }) => steps).reduce((sum, { rows }) => sum + rows.written, 0);
}
