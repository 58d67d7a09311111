import { and, asc, desc, eq, inArray, ne, notInArray, sql } from 'drizzle-orm';
import type { Session } from '../connect/database.ts';
import { runItems, runs } from '../schema/ops.ts';
import { mergeRows } from '../write/json-rows.ts';

/** Status of a run: `running`, or how it ended. */
export type RunStatus = (typeof runs.$inferSelect)['status'];
/** Status of an item: `pending` or `running`, or how it ended. */
export type RunItemStatus = (typeof runItems.$inferSelect)['status'];
/** One row of `ops_runs` (docs/operations.md#logs). */
export type RunRow = typeof runs.$inferSelect;
/** One row of `ops_run_items`. */
export type RunItemRow = typeof runItems.$inferSelect;

/** What is recorded about a run at its start. */
export interface RunStart {
  readonly runId: string;
  readonly command: string;
  /** Arguments as data, secrets already masked. */
  readonly args: Readonly<Record<string, unknown>>;
  readonly host: string;
  readonly pid: number;
  readonly startedAt: Date;
}

/** Records a run as `running`. */
export async function startRun(session: Session, run: RunStart): Promise<void> {
  await session.orm.insert(runs).values({ ...run, args: { ...run.args }, status: 'running' });
}

/** How a run ended. */
export interface RunEnd {
  readonly status: Exclude<RunStatus, 'running'>;
  readonly finishedAt: Date;
  readonly exitCode: number;
  /** The metrics block as data (docs/operations.md#logs). */
  readonly metrics?: Readonly<Record<string, unknown>>;
}

/** Records how a run ended. */
export async function finishRun(session: Session, runId: string, end: RunEnd): Promise<void> {
  await session.orm
    .update(runs)
    .set({ ...end, metrics: end.metrics ?? null })
    .where(eq(runs.runId, runId));
}

/**
 * One (component, step, id) of a run with its outcome: row counts (0 when absent), and for a failed item error class, SQLSTATE
 * and message.
 */
export type RunItem = Readonly<Omit<typeof runItems.$inferInsert, 'runId'>>;

const NOTHING_DONE = { rowsRead: 0, rowsWritten: 0, rowsDeleted: 0, rejected: 0, repaired: 0 };

/** Records items of a run in one statement; an item recorded before is overwritten. */
export async function recordItems(session: Session, runId: string, items: readonly RunItem[]): Promise<void> {
  const nothing = { runId, startedAt: null, finishedAt: null, ...NOTHING_DONE, error: null };
  const rows = items.map((item) => ({ ...nothing, ...item }));
  await mergeRows(session, runItems, rows);
}

/** How {@link markCrashedRuns} recognizes runs that have not crashed, and the time of the check. */
export interface CrashReview {
  /** The calling run, which is never marked. */
  readonly exceptRunId?: string;
  readonly now: Date;
  /** Whether the process of a run is still working; without this function all other runs count as crashed. */
  readonly isAlive?: (run: RunRow) => boolean;
}

/**
 * Marks runs that never ended as `crashed` (docs/operations.md) and returns them. The holder of the run lock may assume that
 * every other `running` run that does not hold a part of the lock is dead.
 */
export async function markCrashedRuns(session: Session, review: CrashReview): Promise<RunRow[]> {
  const running = await session.orm
    .select()
    .from(runs)
    .where(and(eq(runs.status, 'running'), ne(runs.runId, review.exceptRunId ?? '')))
    .orderBy(asc(runs.startedAt));
  const crashed = running.filter((run) => review.isAlive?.(run) !== true);
  for (const { runId } of crashed) {
    await session.orm
      .update(runs)
      .set({ status: 'crashed', finishedAt: review.now })
      .where(and(eq(runs.runId, runId), eq(runs.status, 'running')));
  }
  return crashed;
}

/** The newest runs first. */
export async function listRuns(session: Session, limit = 20): Promise<RunRow[]> {
  return session.orm.select().from(runs).orderBy(desc(runs.startedAt), desc(runs.runId)).limit(limit);
}

/**
 * The newest run, or null when there is none.
 *
 * @param which conditions on the run: its status, its command, its shard as in its arguments (`0/3`; empty for none), and runs to
 * leave out; an absent condition does not restrict
 */
export async function readLatestRun(
  session: Session,
  which: {
    readonly statuses?: readonly RunStatus[];
    readonly commands?: readonly string[];
    readonly shards?: readonly string[] | undefined;
    readonly exceptRunIds?: readonly string[];
  } = {},
): Promise<RunRow | null> {
  const { statuses, commands, shards, exceptRunIds = [] } = which;
  const [run] = await session.orm
    .select()
    .from(runs)
    .where(
      and(
        statuses === undefined ? undefined : inArray(runs.status, [...statuses]),
        commands === undefined ? undefined : inArray(runs.command, [...commands]),
        shards === undefined ? undefined : inArray(sql`coalesce(${runs.args} ->> 'shard', '')`, [...shards]),
        exceptRunIds.length === 0 ? undefined : notInArray(runs.runId, [...exceptRunIds]),
      ),
    )
    .orderBy(desc(runs.startedAt), desc(runs.runId))
    .limit(1);
  return run ?? null;
}

/** One run, or null when there is none of that id. */
export async function readRun(session: Session, runId: string): Promise<RunRow | null> {
  const [run] = await session.orm.select().from(runs).where(eq(runs.runId, runId));
  return run ?? null;
}

/** One run with its items, or null when there is none of that id. */
export async function showRun(session: Session, runId: string): Promise<{ run: RunRow; items: RunItemRow[] } | null> {
  const run = await readRun(session, runId);
  if (run === null) return null;
  const items = await session.orm
    .select()
    .from(runItems)
    .where(eq(runItems.runId, runId))
    .orderBy(asc(runItems.startedAt), asc(runItems.component), asc(runItems.step), asc(runItems.id));
  return { run, items };
}

/** Ids for which each of these steps ended well (`ok`, `noop` or `no_source`) in at least one of these runs. */
export async function finishedIds(
  session: Session,
  runIds: readonly string[],
  component: string,
  steps: readonly string[],
): Promise<Set<number>> {
  const rows = await session.query<{ id: number }>(
    `SELECT id FROM ops_run_items
     WHERE run_id = ANY($1::text[]) AND component = $2 AND step = ANY($3::text[]) AND status IN ('ok', 'noop', 'no_source')
     GROUP BY id HAVING count(DISTINCT step) = $4`,
    [[...runIds], component, [...steps], steps.length],
  );
  return new Set(rows.map(({ id }) => id));
}
