import type { Session } from '@ta/state-store';
import type { RunDetail, RunEntry, Runs, RunStep } from '../api.ts';

const MOST_FAILURES = 200;

interface RunRow {
  readonly run_id: string;
  readonly command: string;
  readonly status: string;
  readonly started_at: Date;
  readonly finished_at: Date | null;
  readonly exit_code: number | null;
  readonly items: number;
  readonly failed: number;
}

const COLUMNS = `r.run_id, r.command, r.status, r.started_at, r.finished_at, r.exit_code,
  (SELECT count(*) FROM ops_run_items i WHERE i.run_id = r.run_id) AS items,
  (SELECT count(*) FROM ops_run_items i WHERE i.run_id = r.run_id AND i.status = 'failed') AS failed`;

/** The newest runs, by the index on their start. */
export async function readRuns(session: Session, limit: number): Promise<Runs> {
  const rows = await session.query<RunRow>(
    `SELECT ${COLUMNS} FROM (SELECT * FROM ops_runs ORDER BY started_at DESC LIMIT $1) r ORDER BY r.started_at DESC, r.run_id DESC`,
    [limit],
  );
  return { runs: rows.map(entryOf) };
}

/** One run by step, by the beginning of the key of its items; and its first failures. */
export async function readRun(session: Session, runId: string): Promise<RunDetail> {
  const [run] = await session.query<RunRow>(`SELECT ${COLUMNS} FROM ops_runs r WHERE r.run_id = $1`, [runId]);
  if (run === undefined) return { run: null, steps: [], failures: [] };
  const steps = await session.query<RunStep>(
    `SELECT component, step, status, count(*) AS items, sum(rows_written)::bigint AS "rowsWritten", sum(rejected)::bigint AS rejected,
       (sum(extract(epoch FROM finished_at - started_at)) * 1000)::float8 AS "busyMs"
     FROM ops_run_items WHERE run_id = $1 GROUP BY component, step, status ORDER BY min(started_at), component, step, status`,
    [runId],
  );
  const failures = await session.query<RunDetail['failures'][number]>(
    `SELECT component, step, id, error FROM ops_run_items WHERE run_id = $1 AND status = 'failed'
     ORDER BY component, step, id LIMIT ${MOST_FAILURES}`,
    [runId],
  );
  return { run: entryOf(run), steps, failures };
}

function entryOf(row: RunRow): RunEntry {
  return {
    runId: row.run_id,
    command: row.command,
    status: row.status,
    startedMs: row.started_at.getTime(),
    finishedMs: row.finished_at?.getTime() ?? null,
    exitCode: row.exit_code,
    items: row.items,
    failedItems: row.failed,
  };
}
