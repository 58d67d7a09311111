import { BUILDERS, COMPONENTS, loadSettings, refresh, REFRESHERS, type RunReport } from '@ta/pipeline';
import type { Database } from '@ta/state-store';
import { runCli, type ProcessCost } from './cli-process.ts';
import { clockAfter, idsOf, shapeText, sourceDatabase, type Shape } from './synthetic-load.ts';
import { CONCURRENCY, type Workbench } from './workbench.ts';

/** What {@link refreshOnce} does differently from `ta refresh --all`. */
export interface RefreshChoice {
  readonly ids: readonly number[];
  /** The run's clock, epoch ms. */
  readonly nowMs: number;
  readonly fullRebuild?: boolean;
}

/**
 * `ta refresh --all` in this process: all canonical timeframes, all periods, four ids in parallel.
 * @throws Error when an item failed: a benchmark of an incomplete refresh would be wrong
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

/** A database in which everything of a shape is built. */
export async function builtDatabase(bench: Workbench, purpose: string, shape: Shape): Promise<string> {
  const name = await bench.create(purpose, await sourceDatabase(bench, shape));
  bench.note(`building ${shapeText(shape)}`);
  await bench.using(name, async (database) => {
    await refreshOnce(database, { ids: idsOf(shape.assets), nowMs: clockAfter() });
    await database.session((session) => session.run('VACUUM (ANALYZE)'));
  });
  return name;
}

/** Runs the built command on a database, with the clock after some more days. */
export function runQuietly(bench: Workbench, name: string, args: readonly string[], day = 0): Promise<ProcessCost> {
  return runCli([...args, '--quiet', '--as-of', new Date(clockAfter(day)).toISOString()], bench.url(name));
}

/** Rows that a run wrote. */
export function rowsWritten(report: RunReport): number {
  return report.components.flatMap(({ steps }) => steps).reduce((sum, { rows }) => sum + rows.written, 0);
}
