import type { DatabaseTarget } from '../connect/database-url.ts';
import type { Session } from '../connect/database.ts';
import { openDatabase } from '../connect/open-database.ts';
import type { LockHolder, LockSource, RunLockRequest, TakenLock } from './run-lock.ts';

/** Key of the advisory lock: two 32-bit numbers of our own; the server keeps locks of different databases apart. */
const LOCK_CLASS = 7_461;
const LOCK_OBJECT = 1;

/** The server cuts application names at 63 bytes. */
const RUN_ID_LENGTH = 40;

const HELD = `locktype = 'advisory' AND classid = ${LOCK_CLASS} AND objid = ${LOCK_OBJECT} AND objsubid = 2 AND granted
  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`;

/**
 * The advisory lock of a PostgreSQL database, on one connection kept for it. The connection's name says who holds it, so
 * the next one can tell without reading any table.
 */
export async function openServerLock(
  target: Extract<DatabaseTarget, { engine: 'postgres' }>,
  request: RunLockRequest,
): Promise<LockSource> {
  const database = await openDatabase(target, { poolSize: 1, applicationName: holderName(request) });
  const { session, end } = await holdSession((fn) => database.session(fn));
  const close = async () => {
    await end();
    await database.close();
  };
  return {
    async attempt() {
      try {
        const [{ taken }] = await session.query<{ taken: boolean }>(
          `SELECT pg_try_advisory_lock(${LOCK_CLASS}, ${LOCK_OBJECT}) AS taken`,
        );
        return taken ? { lock: serverLock(session, close) } : { holder: await readHolder(session) };
      } catch (error) {
        await close();
        throw error;
      }
    },
    giveUp: close,
  };
}

/** Keeps a session open beyond the function that asked for it. */
async function holdSession(
  open: (fn: (session: Session) => Promise<void>) => Promise<void>,
): Promise<{ session: Session; end: () => Promise<void> }> {
  let signalEnd: () => void = () => undefined;
  const ended = new Promise<void>((resolve) => (signalEnd = resolve));
  let closed: Promise<void> = Promise.resolve();
  const session = await new Promise<Session>((resolve, reject) => {
    closed = open(async (opened) => {
      resolve(opened);
      await ended;
    }).catch(reject);
  });
  return {
    session,
    async end() {
      signalEnd();
      await closed;
    },
  };
}

function serverLock(session: Session, close: () => Promise<void>): TakenLock {
  let isReleased = false;
  return {
    warning: null,
    async isHeld() {
      if (isReleased) return false;
      try {
        const rows = await session.query(`SELECT FROM pg_locks WHERE ${HELD} AND pid = pg_backend_pid()`);
        return rows.length > 0;
      } catch {
        // whatever broke the connection has ended the lock with it
        return false;
      }
    },
    async release() {
      if (isReleased) return;
      isReleased = true;
      // closing the connection gives the lock back, even where the server no longer answers
      await close();
    },
  };
}

function holderName(request: RunLockRequest): string {
  const runId = request.runId.replace(/[^\x21-\x7e]/g, '?').slice(0, RUN_ID_LENGTH);
  return `ta ${runId} ${process.pid} ${Math.floor(request.nowMs / 1000).toString(36)}`;
}

async function readHolder(session: Session): Promise<LockHolder> {
  const rows = await session.query<{ name: string | null }>(
    `SELECT a.application_name AS name FROM pg_locks l LEFT JOIN pg_stat_activity a ON a.pid = l.pid WHERE ${HELD}`,
  );
  const parts = /^ta (\S+) (\d+) ([0-9a-z]+)$/.exec(rows[0]?.name ?? '');
  if (parts === null) return { runId: null, pid: null, since: null };
  return {
    runId: parts[1],
    pid: Number(parts[2]),
    since: new Date(Number.parseInt(parts[3], 36) * 1000).toISOString(),
  };
}
