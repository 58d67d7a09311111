import type { Session } from '../connect/database.ts';
import type { RunItemRow, RunRow } from './runs.ts';

/** A run with the number of its failed items. */
export interface RunSummary extends Pick<
  RunRow,
  'runId' | 'command' | 'status' | 'startedAt' | 'finishedAt' | 'exitCode'
> {
  readonly items: number;
  readonly failedItems: number;
}

const COLUMNS = `r.run_id AS "runId", r.command, r.status, r.started_at AS "startedAt", r.finished_at AS "finishedAt",
  r.exit_code AS "exitCode", (SELECT count(*) FROM ops_run_items i WHERE i.run_id = r.run_id) AS items,
  (SELECT count(*) FROM ops_run_items i WHERE i.run_id = r.run_id AND i.status = 'failed') AS "failedItems"`;

/** The newest runs, newest first. */
export function readRunSummaries(session: Session, limit: number): Promise<RunSummary[]> {
  return session.query(
    `SELECT ${COLUMNS} FROM (SELECT * FROM ops_runs ORDER BY started_at DESC LIMIT $1) r ORDER BY r.started_at DESC, r.run_id DESC`,
    [limit],
  );
}

/** One run, or null when there is none of that id. */
export async function readRunSummary(session: Session, runId: string): Promise<RunSummary | null> {
  const [run] = await session.query<RunSummary>(`SELECT ${COLUMNS} FROM ops_runs r WHERE r.run_id = $1`, [runId]);
  return run ?? null;
}

/** The items of one step of a run that have the same status, summed. */
export interface RunStepSummary {
  readonly component: string;
  readonly step: string;
  readonly status: string;
  readonly items: number;
  readonly rowsWritten: number;
  readonly rejected: number;
  /** Durations of the items, added up. */
  readonly busyMs: number | null;
}

/** The items of a run, summed by component, step and status. */
export function readRunSteps(session: Session, runId: string): Promise<RunStepSummary[]> {
  return session.query(
    `SELECT component, step, status, count(*) AS items, sum(rows_written)::bigint AS "rowsWritten", sum(rejected)::bigint AS rejected,
       (sum(extract(epoch FROM finished_at - started_at)) * 1000)::float8 AS "busyMs"
     FROM ops_run_items WHERE run_id = $1 GROUP BY component, step, status ORDER BY min(started_at), component, step, status`,
    [runId],
  );
}

/** An item that failed. */
export type RunFailure = Pick<RunItemRow, 'component' | 'step' | 'id' | 'error'>;

/** The first failures of a run, by component, step and id. */
export function readRunFailures(session: Session, runId: string, most: number): Promise<RunFailure[]> {
  return session.query(
    `SELECT component, step, id, error FROM ops_run_items WHERE run_id = $1 AND status = 'failed'
     ORDER BY component, step, id LIMIT $2`,
    [runId, most],
  );
}

/**
 * The failed items of some assets in the newest refresh that has ended. One in shards is the newest run of each shard of its
 * split, since the last run that was none of these.
 */
export function readLatestFailures(session: Session, ids: readonly number[]): Promise<RunFailure[]> {
  const ofSplit = `split_part(coalesce(args ->> 'shard', ''), '/', 2)`;
  // the runs as an array: the planner knows then that they are few
  return session.query(
    `WITH ended AS (SELECT run_id, started_at, args ->> 'shard' AS shard, ${ofSplit} AS split FROM ops_runs WHERE finished_at IS NOT NULL),
     newest AS (SELECT * FROM ended ORDER BY started_at DESC, run_id DESC LIMIT 1),
     others AS (SELECT max(e.started_at) AS last_at FROM ended e, newest n WHERE e.split <> n.split)
     SELECT component, step, id, error FROM ops_run_items
     WHERE run_id = ANY (ARRAY(SELECT DISTINCT ON (e.shard) e.run_id FROM ended e, newest n, others o
         WHERE e.run_id = n.run_id OR (n.split <> '' AND e.split = n.split AND e.started_at > coalesce(o.last_at, '-infinity'))
         ORDER BY e.shard, e.started_at DESC))
       AND status = 'failed' AND id = ANY ($1::int[])`,
    [ids],
  );
}
