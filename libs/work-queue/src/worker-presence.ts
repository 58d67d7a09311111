import type { Session } from '@ta/state-store';

/** Identifies a worker: a process on a host. */
export interface WorkerName {
  readonly host: string;
  readonly pid: number;
}

/** A worker as the server sees it. */
export interface PresentWorker extends WorkerName {
  /** What its connections are processing, such as `bars 825`. */
  readonly items: readonly string[];
  /** Beginnings of job ids of requests that it cannot read, such as those of another version. */
  readonly refused: readonly string[];
}

/** The server cuts names of connections at 63 bytes. */
const HOST_LENGTH = 24;

/** Name of a worker's connections. The server's list of connections shows the workers; a table of them could be out of date. */
export function connectionName({ host, pid }: WorkerName): string {
  const word = host.replace(/[^\x21-\x7e]/g, '?').slice(0, HOST_LENGTH);
  return `ta worker ${word === '' ? '?' : word} ${pid}`;
}

/** Names the connection after the item that it works on, until the transaction ends. */
export async function showItem(tx: Session, worker: WorkerName, component: string, id: number): Promise<void> {
  const name = `${connectionName(worker)} ${component} ${id}`;
  await tx.query(`SELECT set_config('application_name', $1, true)`, [name]);
}

/** Characters of a request's job id that distinguish it from others. */
const REQUEST_ID_LENGTH = 8;
const REFUSES = 'refuses ';

/** The part of a request that appears in the name of a connection that refuses it. */
export function shortRequest(jobId: string): string {
  return jobId.slice(0, REQUEST_ID_LENGTH);
}

/** Names the connection after a request that its worker cannot read, so that the caller sees it. */
export async function showRefusal(session: Session, worker: WorkerName, jobId: string): Promise<void> {
  const name = `${connectionName(worker)} ${REFUSES}${shortRequest(jobId)}`;
  await session.query(`SELECT set_config('application_name', $1, false)`, [name]);
}

/** The workers that are connected to this database now, by host and process. */
export async function readWorkers(session: Session): Promise<PresentWorker[]> {
  const rows = await session.query<{ name: string }>(
    `SELECT application_name AS name FROM pg_stat_activity
     WHERE datname = current_database() AND application_name LIKE 'ta worker %' ORDER BY 1`,
  );
  const workers = new Map<string, { host: string; pid: number; items: string[]; refused: string[] }>();
  for (const { name } of rows) {
    const [, host, pid, item] = /^ta worker (\S+) (\d+)(?: (.+))?$/.exec(name) ?? [];
    if (host === undefined) continue;
    const key = `${host} ${pid}`;
    const worker = workers.get(key) ?? { host, pid: Number(pid), items: [], refused: [] };
    workers.set(key, worker);
    if (item?.startsWith(REFUSES) === true) worker.refused.push(item.slice(REFUSES.length));
    else if (item !== undefined) worker.items.push(item);
  }
  return [...workers.values()];
}
