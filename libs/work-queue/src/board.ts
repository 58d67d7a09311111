import { readLockedRuns, type Session } from '@ta/state-store';
import { REQUESTS, PAUSES, SCHEMA } from './boss.ts';

/** A request in the queue. */
export interface PostedRequest {
  readonly jobId: string;
  readonly runId: string;
  readonly component: string;
  readonly format: number;
  /** How long it has been there by the server's clock, milliseconds. */
  readonly ageMs: number;
  readonly isCancelled: boolean;
  /** Whether the run that wrote it still holds the run lock; nobody works on the items of a caller that is gone. */
  readonly isCallerAlive: boolean;
}

/** What workers must know before they take an item. */
export interface Board {
  /** Newest first. */
  readonly requests: readonly PostedRequest[];
  readonly isPaused: boolean;
  /** Job ids of rows among the requests that are not requests, written by hand or by another program. They are ignored. */
  readonly strangeRows: readonly string[];
}

/** Reads which requests there are, and whether the queue is paused. */
export async function readBoard(session: Session): Promise<Board> {
  const rows = await session.query<BoardRow>(
    `SELECT name, id AS "jobId", data ->> 'runId' AS "runId", data -> 'order' ->> 'component' AS component,
       data ->> 'format' AS format, state = 'cancelled' AS "isCancelled",
       extract(epoch FROM now() - created_on) * 1000 AS "ageMs"
     FROM ${SCHEMA}.job WHERE name IN ('${REQUESTS}', '${PAUSES}') AND state IN ('created', 'cancelled')
     ORDER BY created_on DESC`,
  );
  const posted = rows.filter(({ name }) => name === REQUESTS);
  const alive = posted.length === 0 ? new Set<string>() : await readLockedRuns(session);
  const requests = posted.flatMap((row) => requestOfRow(row, alive));
  const known = new Set(requests.map(({ jobId }) => jobId));
  return {
    requests,
    isPaused: rows.some(({ name }) => name === PAUSES),
    strangeRows: posted.map(({ jobId }) => jobId).filter((jobId) => !known.has(jobId)),
  };
}

/** A row as it is stored; any program may have written it. */
interface BoardRow extends Pick<PostedRequest, 'jobId' | 'ageMs' | 'isCancelled'> {
  readonly name: string;
  readonly runId: string | null;
  readonly component: string | null;
  readonly format: string | null;
}

/** The request in a row, even in a format that this version does not know; an empty list if the row is no request. */
function requestOfRow({ jobId, runId, component, format, ageMs, isCancelled }: BoardRow, alive: ReadonlySet<string>) {
  if (runId === null || format === null || !/^[0-9]{1,6}$/.test(format)) return [];
  const request: PostedRequest = {
    ...{ jobId, runId, component: component ?? '?', format: Number(format), ageMs, isCancelled },
    isCallerAlive: alive.has(runId),
  };
  return [request];
}

/** The data of a request, whether this version can read it or not; undefined when it is no longer there. */
export async function readRequestData(session: Session, jobId: string): Promise<unknown> {
  const rows = await session.query<{ data: unknown }>(
    `SELECT data FROM ${SCHEMA}.job WHERE name = '${REQUESTS}' AND id = $1`,
    [jobId],
  );
  return rows[0]?.data;
}

/**
 * Whether a request is still wanted: neither cancelled nor closed, and its caller alive. This locks the request until the
 * transaction ends: a caller that closes it waits for the transactions that called this.
 */
export async function isWanted(tx: Session, jobId: string, runId: string): Promise<boolean> {
  // PostgreSQL reads the list of connections once per transaction, possibly before the caller's latest connection
  await tx.query('SELECT pg_stat_clear_snapshot()::text');
  const rows = await tx.query(
    `SELECT FROM ${SCHEMA}.job WHERE name = '${REQUESTS}' AND id = $1 AND state = 'created' FOR SHARE`,
    [jobId],
  );
  return rows.length === 1 && (await readLockedRuns(tx)).has(runId);
}
