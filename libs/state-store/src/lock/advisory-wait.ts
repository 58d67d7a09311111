import type { Session } from '../connect/database.ts';
import { StoreError } from '../errors.ts';
import { copyQuery } from '../read/copy-select.ts';
import { required } from '../tables/keyed-table.ts';

/** Key of an advisory lock, as the server lists it in `pg_locks`. */
export interface AdvisoryKey {
  readonly classId: number;
  readonly objectId: number;
  /** 1 if the key is one number, 2 if it is two numbers. */
  readonly parts: 1 | 2;
}

/** SQLSTATE of a statement that reached `lock_timeout`. */
const LOCK_NOT_AVAILABLE = '55P03';

/**
 * Takes an advisory lock that lasts until the transaction ends. Any session may hold a lock with the same key for any time, for
 * example another program that uses the key by mistake, or an SQL editor left open. Therefore the wait is limited, and the error
 * names the holder.
 *
 * @param what what the lock protects, for the error message
 * @throws StoreError `STORE_BUSY` when the lock does not become free in time
 */
export async function takeAdvisoryLock(tx: Session, key: AdvisoryKey, what: string, limitMs: number): Promise<void> {
  const args = key.parts === 1 ? `${key.objectId}` : `${key.classId}, ${key.objectId}`;
  const fields = required('bool', 'taken');
  const row = await copyQuery(tx, 'lock', fields, `SELECT pg_try_advisory_xact_lock(${args})`);
  if (row.number('taken')[0] === 1 || (await isTakenInTime(tx, args, limitMs))) return;
  const holder = await readLockHolder(
    tx,
    `objid = ${key.objectId} AND classid = ${key.classId} AND objsubid = ${key.parts}`,
  );
  const seconds = Math.round(limitMs / 1000);
  throw new StoreError('STORE_BUSY', `The lock of ${what} was not free within ${seconds} s: ${holderText(holder)}`, {
    hint: endHint(holder),
    context: { ...holder },
  });
}

/** Waits in the server's queue, under a savepoint, because otherwise a statement that times out would abort the transaction. */
async function isTakenInTime(tx: Session, args: string, limitMs: number): Promise<boolean> {
  try {
    await tx.savepoint(async () => {
      const [{ before }] = await tx.query<{ before: string }>(`SELECT current_setting('lock_timeout') AS before`);
      await tx.query(`SELECT set_config('lock_timeout', $1, true)`, [`${limitMs}ms`]);
      await tx.query(`SELECT pg_advisory_xact_lock(${args})::text`);
      await tx.query(`SELECT set_config('lock_timeout', $1, true)`, [before]);
    });
    return true;
  } catch (error) {
    if (error instanceof StoreError && error.sqlstate === LOCK_NOT_AVAILABLE) return false;
    throw error;
  }
}

/** The session that holds a lock, as far as this login may see it. */
export interface ForeignHolder {
  readonly pid: number;
  readonly application: string | null;
  readonly user: string | null;
  /** Time at which the session connected, ISO-8601 UTC. */
  readonly since: string | null;
}

/** The session, connected longest, that holds one of the given advisory locks of this database; null if none does any more. */
export async function readLockHolder(session: Session, locks: string): Promise<ForeignHolder | null> {
  const [row] = await session.query<{
    pid: number;
    application: string | null;
    user: string | null;
    since: Date | null;
  }>(
    `SELECT l.pid, a.application_name AS application, a.usename::text AS user, a.backend_start AS since
     FROM pg_locks l LEFT JOIN pg_stat_activity a ON a.pid = l.pid
     WHERE l.locktype = 'advisory' AND l.granted AND l.pid <> pg_backend_pid()
       AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database()) AND ${locks}
     ORDER BY a.backend_start LIMIT 1`,
  );
  if (row === undefined) return null;
  return { pid: row.pid, application: row.application, user: row.user, since: row.since?.toISOString() ?? null };
}

/** Describes a holder to an operator. */
export function holderText(holder: ForeignHolder | null): string {
  if (holder === null) return 'its holder is gone by now';
  const { pid, application, user, since } = holder;
  const program = application === null || application === '' ? 'unnamed' : `"${application}"`;
  return `held by pid ${pid} of the server (application ${program}, user ${user ?? 'unknown'}, since ${since ?? 'unknown'})`;
}

/** Advises an operator how to end the holder. */
export function endHint(holder: ForeignHolder | null): string {
  if (holder === null) return 'Run the command again.';
  return `End that session, or have it ended: SELECT pg_terminate_backend(${holder.pid})`;
}
