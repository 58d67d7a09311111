import { withReconnect, type ItemOutcome, type RunReport } from '@ta/pipeline';
import {
  finishRun,
  markCrashedRuns,
  readLockedRuns,
  recordItems,
  startRun,
  type Database,
  type RunItem,
  type RunRow,
  type RunStart,
  type Session,
} from '@ta/state-store';

/** The record of one run in `ops_runs` and `ops_run_items` (docs/operations.md#logs). */
export type RunHistory = Awaited<ReturnType<typeof openRunHistory>>;

/** For the history a lost connection is opened once more without waiting, since the items have already waited. */
const RECORD_POLICY = { reconnectDelaysMs: [100], fullServerDelaysMs: [1_000] };

/**
 * Records the start of a run and marks runs that never ended. The caller holds the run lock or a part of it; of the other
 * runs, only those that hold another part are alive.
 *
 * @param redact scrubs error texts before they are stored
 * @param now the clock, epoch ms
 * @param monotonicMs the clock that the items' durations come from
 */
export async function openRunHistory(
  database: Database,
  start: Omit<RunStart, 'startedAt'>,
  redact: (text: string) => string,
  now: () => number,
  monotonicMs: () => number,
) {
  const startedMs = now();
  const wallOffsetMs = startedMs - monotonicMs();
  const crashed = await database.transaction(async (tx) => {
    // shards run in parallel, each under its part of the run lock
    const locked = await readLockedRuns(tx);
    const isAlive = ({ runId }: RunRow) => locked.has(runId);
    const runs = await markCrashedRuns(tx, { exceptRunId: start.runId, now: new Date(startedMs), isAlive });
    await startRun(tx, { ...start, startedAt: new Date(startedMs) });
    return runs;
  });
  let waiting: RunItem[] = [];
  const write = async () => {
    const items = waiting;
    if (items.length > 0) await record((session) => recordItems(session, start.runId, items));
    waiting = waiting.slice(items.length);
  };
  const record = (work: (session: Session) => Promise<void>) =>
    withReconnect(() => database.session(work), RECORD_POLICY);
  return {
    /** Runs that ended unexpectedly and are now marked `crashed`. */
    crashedRunIds: crashed.map((run) => run.runId),
    /** Adds an item, which the next flush writes. Items without work are only counted in the metrics. */
    add(outcome: ItemOutcome): void {
      const hasNothing = outcome.status === 'noop' || (outcome.status === 'no_source' && outcome.rows.deleted === 0);
      if (!hasNothing) waiting.push(itemOf(outcome, wallOffsetMs, redact));
    },
    /** Writes the added items; those that cannot be written now are kept for later. */
    flush: () => write().catch(() => undefined),
    /**
     * Writes the end of the run. Never throws, so that the operator sees the outcome of the run.
     * @returns the error if it could not be written, else null
     */
    async finish(
      status: 'ok' | 'failed' | 'interrupted',
      exitCode: number,
      report: RunReport | null,
    ): Promise<unknown> {
      const metrics = report === null ? undefined : metricsOf(report);
      const end = { status, finishedAt: new Date(now()), exitCode, metrics };
      try {
        await write();
        await record((session) => finishRun(session, start.runId, end));
        return null;
      } catch (error) {
        return error;
      }
    },
  };
}

function itemOf(outcome: ItemOutcome, wallOffsetMs: number, redact: (text: string) => string): RunItem {
  return {
    component: outcome.component,
    step: outcome.step,
    id: outcome.id,
    status: statusOf(outcome.status),
    startedAt: new Date(wallOffsetMs + outcome.startedAtMs),
    finishedAt: new Date(wallOffsetMs + outcome.startedAtMs + outcome.durationMs),
    rowsRead: outcome.rows.read,
    rowsWritten: outcome.rows.written,
    rowsDeleted: outcome.rows.deleted,
    rejected: outcome.rows.rejected,
    repaired: outcome.rows.repaired,
    error: outcome.error === undefined ? null : redact(errorText(outcome.error)),
  };
}

/** Status in the history: an id without bars to work on is skipped; one whose input is not up to date has failed, with the reason as its error. */
function statusOf(status: ItemOutcome['status']): RunItem['status'] {
  if (status === 'derived_behind') return 'failed';
  return status === 'no_bars' ? 'skipped' : status;
}

/** Error class, SQLSTATE where there is one, and message. */
export function errorText(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code, sqlstate } = error as { code?: unknown; sqlstate?: unknown };
  return [error.name, code, sqlstate].filter((part) => typeof part === 'string').join(' ') + `: ${error.message}`;
}

/** The report without per-item detail, for `ops_runs.metrics`. */
function metricsOf(report: RunReport): Record<string, unknown> {
  return {
    ids: report.ids.length,
    staleIds: report.staleIds,
    failedIds: report.failedIds,
    components: report.components.map(({ component, status, seconds, note, steps }) => ({
      component,
      status,
      seconds,
      note: note ?? null,
      steps: steps.map(({ errors: _errors, note: _note, ...sums }) => sums),
    })),
  };
}
