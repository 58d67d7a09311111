import { isDeepStrictEqual } from 'node:util';
import { CliError, type Surroundings } from '@ta/cli-kit';
import type { RefreshRequest } from '@ta/pipeline';
import type { OpenDatabase } from './writable-database.ts';
import { runArgsOf, type RunArgs, type RunRules, type RunTask } from './run-args.ts';

/** A run that is to be resumed. */
export interface ResumedRun {
  readonly runId: string;
  readonly args: RunArgs;
}

/** Statuses of a refresh that did not succeed. A run that is still recorded as running was killed, unless it holds the run lock. */
const RESUMABLE = {
  statuses: ['failed', 'interrupted', 'crashed', 'running'],
  commands: ['refresh', 'bars', 'emas'],
} as const;

/**
 * Finds the run to resume.
 *
 * @param runId id of the run; empty for the latest one that did not succeed
 * @param shard the shard that resumes, `i/n`: the latest run is then one of that shard or of all ids
 * @throws CliError `CLI_NOTHING_TO_RESUME`
 */
export async function runToResume(
  around: Surroundings,
  runId: string,
  shard: string | undefined,
  open: OpenDatabase,
): Promise<ResumedRun> {
  const { readLatestRun, readLockedRuns, readRun } = await import('@ta/state-store');
  const shards = shard === undefined ? undefined : [shard, ''];
  const run = await open.database.session(async (session) =>
    runId === ''
      ? readLatestRun(session, { ...RESUMABLE, shards, exceptRunIds: [...(await readLockedRuns(session))] })
      : readRun(session, runId),
  );
  const args = runArgsOf(run?.args);
  if (run === null || args === undefined) {
    const which = shard === undefined ? '' : `, neither of shard ${shard} nor of all ids`;
    const text = runId === '' ? `There is no failed run to resume${which}` : `There is no run "${runId}"`;
    throw new CliError('CLI_NOTHING_TO_RESUME', text, { hint: 'See: ta runs list' });
  }
  const status = run.status === 'running' ? 'crashed' : run.status;
  around.warn(`[INFO] Resuming run ${run.runId} (${status}, started ${run.startedAt.toISOString()})`);
  return { runId: run.runId, args };
}

/** The flags of each part of a task. */
const FLAGS: { readonly [Part in keyof Required<RunTask>]: string } = {
  components: '--all, --bars, --emas',
  builders: '--builders, --skip',
  refreshers: '--only',
  emaTables: '--cal-scheme, --anchor-scheme',
  zone: '--tz',
  periods: '--periods',
  fullRebuild: '--full-rebuild',
  lookbackDays: '--lookback-days',
  onBackfill: '--on-backfill',
  judgeEmas: '--validate-output',
  start: '--start',
  end: '--end',
};

/**
 * The task of a resuming run, which is the task of the run that it resumes. A flag may only repeat a value of that task.
 *
 * @param asked the parts of a task that flags ask for
 * @param ids the ids given by flags; undefined for all
 * @throws CliError `CLI_CONFLICT` with both values
 */
export function taskOfRun(
  { runId, args }: ResumedRun,
  asked: Partial<RunTask>,
  ids: readonly number[] | undefined,
): RunTask {
  const wishes = Object.entries(FLAGS).map(([part, flag]) => {
    const key = part as keyof RunTask;
    return { flag, wished: asked[key], done: args[key] };
  });
  for (const { flag, wished, done } of [...wishes, { flag: '--ids', wished: ids, done: args.ids }]) {
    if (wished === undefined || isDeepStrictEqual(wished, done)) continue;
    const text = `${flag}: ${textOf(wished)} differs from run ${runId}, which has ${textOf(done)}`;
    throw new CliError('CLI_CONFLICT', text, {
      hint: `Leave ${flag} out: a resumed run takes it from the run it resumes.`,
    });
  }
  return args;
}

function textOf(value: unknown): string {
  if (Array.isArray(value)) return value.join(', ');
  return value === null || value === undefined ? 'nothing' : String(value);
}

/** The rules of a resuming run: those of the run that it resumes, overridden by its own flags; a rule that is on stays on. */
export function rulesOfRun({ args }: ResumedRun, typed: Partial<RunRules>): RunRules {
  const { skipStaleCheck, stalenessHours, continueOnError, isDeepCheck, failOnRejects, failOnValidation, clock } = args;
  return {
    ...{ skipStaleCheck, stalenessHours, continueOnError, isDeepCheck, failOnRejects, failOnValidation },
    ...(clock === undefined ? {} : { clock }),
    ...typed,
  };
}

/** The ids that the run, and the runs that it resumed itself, have finished. */
export async function finishedBy({ runId, args }: ResumedRun, open: OpenDatabase): Promise<RefreshRequest['finished']> {
  const { finishedIds } = await import('@ta/state-store');
  const runIds = runIdsOf({ runId, args });
  return open.database.session(async (session) => ({
    bars: await finishedIds(session, runIds, 'bars', args.builders),
    emas: await finishedIds(session, runIds, 'emas', args.refreshers),
  }));
}

/** The run and those that it resumed itself. */
export function runIdsOf({ runId, args }: ResumedRun): string[] {
  return [runId, ...(args.resumed ?? [])];
}
