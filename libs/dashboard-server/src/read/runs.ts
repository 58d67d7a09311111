import {
  readRunFailures,
  readRunSteps,
  readRunSummaries,
  readRunSummary,
  type RunSummary,
  type Session,
} from '@ta/state-store';
import type { RunDetail, RunEntry, Runs } from '../api.ts';

const MOST_FAILURES = 200;

/** The newest runs. */
export async function readRuns(session: Session, limit: number): Promise<Runs> {
  return { runs: (await readRunSummaries(session, limit)).map(entryOf) };
}

/** One run by step, and its first failures. */
export async function readRun(session: Session, runId: string): Promise<RunDetail> {
  const run = await readRunSummary(session, runId);
  if (run === null) return { run: null, steps: [], failures: [] };
  const steps = await readRunSteps(session, runId);
  const failures = await readRunFailures(session, runId, MOST_FAILURES);
  return { run: entryOf(run), steps, failures };
}

function entryOf({ startedAt, finishedAt, ...run }: RunSummary): RunEntry {
  return { ...run, startedMs: startedAt.getTime(), finishedMs: finishedAt?.getTime() ?? null };
}
