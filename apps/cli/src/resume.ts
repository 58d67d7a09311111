import { CliError, type Surroundings } from '@ta/cli-kit';
import type { RefreshRequest } from '@ta/pipeline';
import type { OpenDatabase } from './database-access.ts';
import type { RefreshFlags } from './refresh-flags.ts';
import type { RefreshChoice } from './refresh-request.ts';
import { runArgsOf, type RunArgs, type RunTask } from './run-args.ts';

/** A run of which the rest shall be done. */
export interface ResumedRun {
  readonly runId: string;
  readonly args: RunArgs;
}

/**
 * Finds the run to resume.
 *
 * @param runId id of the run; empty for the latest one that did not succeed
 * @throws CliError `CLI_NOTHING_TO_RESUME`
 */
export async function runToResume(around: Surroundings, runId: string, open: OpenDatabase): Promise<ResumedRun> {
  const { listRuns, showRun } = await import('@ta/state-store');
  const run = await open.database.session(async (session) => {
    if (runId !== '') return (await showRun(session, runId))?.run;
    const runs = await listRuns(session, 1000);
    return runs.find(({ status, args }) => status !== 'ok' && status !== 'running' && runArgsOf(args) !== undefined);
  });
  const args = runArgsOf(run?.args);
  if (run === undefined || args === undefined) {
    const text = runId === '' ? 'There is no failed run to resume' : `There is no run "${runId}"`;
    throw new CliError('CLI_NOTHING_TO_RESUME', text, { hint: 'See: ta runs list' });
  }
  around.warn(`[INFO] Resuming run ${run.runId} (${run.status}, started ${run.startedAt.toISOString()})`);
  return { runId: run.runId, args };
}

/**
 * What a resumed run computes: what the run it resumes was asked for. A flag may repeat that, and nothing else.
 *
 * @throws CliError `CLI_CONFLICT` naming both values
 */
export function taskOfRun({ runId, args }: ResumedRun, flags: RefreshFlags, choice: RefreshChoice): RunTask {
  const asked: readonly (readonly [string, unknown, unknown])[] = [
    ['--tz', choice.zone, args.zone],
    ['--periods', choice.periods === undefined ? undefined : String(choice.periods), args.periods.join()],
    ['--ids', choice.ids.kind === 'all' ? undefined : choice.ids.ids.join(), args.ids.join()],
    ['--builders', flags.builders === undefined ? undefined : choice.builders.join(), args.builders.join()],
    ['--skip', flags.skip === undefined ? undefined : choice.builders.join(), args.builders.join()],
    ['--only', flags.only === undefined ? undefined : choice.refreshers.join(), args.refreshers.join()],
    ['--start', flags.start, args.start],
    ['--end', flags.end, args.end],
    ['--lookback-days', given(flags.lookbackDays, 3), args.lookbackDays],
    ['--on-backfill', given(flags.onBackfill, 'rebuild'), args.onBackfill],
    ['--validate-output', given(flags.validateOutput, true), args.judgeEmas],
  ];
  for (const [flag, wished, done] of asked) {
    if (wished === undefined || wished === done) continue;
    const text = `${flag}: ${String(wished)} is not what run ${runId} was asked for: ${String(done ?? 'nothing')}`;
    throw new CliError('CLI_CONFLICT', text, {
      hint: `Leave ${flag} out: a resumed run takes it from the run it resumes.`,
    });
  }
  return args;
}

/** A flag's value unless it is the default, which may not have been typed. */
function given<Value>(value: Value | undefined, standard: Value): Value | undefined {
  return value === standard ? undefined : value;
}

/** What the run, and those that it resumed itself, have finished. */
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
