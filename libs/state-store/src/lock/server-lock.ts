import type { DatabaseTarget } from '../connect/database-url.ts';
import type { Session } from '../connect/database.ts';
import { openDatabase } from '../connect/open-database.ts';
import { endWhenSilent } from '../connect/silent-host.ts';
import { endHint, holderText, readLockHolder } from './advisory-wait.ts';
import type { LockHolder, LockSource, RunLockRequest, Shard, TakenLock } from './run-lock.ts';

/** Key of the advisory lock: two arbitrary 32-bit numbers; the server separates the locks of different databases. */
const LOCK_CLASS = 7_461;
/** Lock of the whole database: exclusive for a run of all ids, shared for runs of a part. */
const WHOLE = 1;
/** Keys of the parts begin here; all parts of one split have keys in the same hundred. */
const PARTS = 1_000;
const SPLIT_WIDTH = 100;

/** The server truncates application names to 63 bytes. */
const RUN_ID_LENGTH = 40;

const OURS = `locktype = 'advisory' AND classid = ${LOCK_CLASS} AND objsubid = 2 AND granted
  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`;

/**
 * The advisory lock of a PostgreSQL database, on a connection of its own. The name of that connection identifies the holder, so
 * that others can show it without reading a table.
 *
 * A shard takes the lock of the whole database as shared, which excludes runs of all ids, and the lock of its part as exclusive.
 * Shards of a different split could process the same id, so each shard looks for their locks after it has taken its own; of two
 * such shards at least one then sees the other.
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
        const isTaken = await take(session, request.shard);
        // makes the server release the lock soon after the host of this run has vanished
        if (isTaken) await endWhenSilent(session);
        return isTaken
          ? { lock: serverLock(session, request.shard, close) }
          : { holder: await readHolder(session, request.shard) };
      } catch (error) {
        await close();
        throw error;
      }
    },
    giveUp: close,
  };
}

/** Keeps a session open after the function that opened it has returned. */
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

/** Tries to take all locks that a run needs. If one is not free, those already taken are released. */
async function take(session: Session, shard: Shard | undefined): Promise<boolean> {
  const call = async (name: string, key: number) => {
    const [row] = await session.query<{ done: boolean }>(`SELECT pg_${name}(${LOCK_CLASS}, ${key}) AS done`);
    return row?.done === true;
  };
  if (shard === undefined) return call('try_advisory_lock', WHOLE);
  if (!(await call('try_advisory_lock_shared', WHOLE))) return false;
  const isPartTaken = await call('try_advisory_lock', partKey(shard));
  const others = await session.query(`SELECT FROM pg_locks WHERE ${OURS} AND ${isOtherSplit(shard)}`);
  if (isPartTaken && others.length === 0) return true;
  if (isPartTaken) await call('advisory_unlock', partKey(shard));
  await call('advisory_unlock_shared', WHOLE);
  return false;
}

function partKey({ index, count }: Shard): number {
  return PARTS + count * SPLIT_WIDTH + index;
}

/** Whether a lock belongs to a part of another split. */
function isOtherSplit({ count }: Shard): string {
  return `(objid >= ${PARTS} AND (objid::int8 - ${PARTS}) / ${SPLIT_WIDTH} <> ${count})`;
}

/** Locks that conflict with those of a run. */
function inTheWay(shard: Shard | undefined): string {
  if (shard === undefined) return `${OURS} AND objid = ${WHOLE}`;
  return `${OURS} AND (objid = ${WHOLE} AND mode = 'ExclusiveLock' OR objid = ${partKey(shard)} OR ${isOtherSplit(shard)})`;
}

/**
 * Ids of the runs that hold the run lock of this database, or of a part of it; none on PGlite, where the caller is the only
 * process.
 */
export async function readLockedRuns(session: Session): Promise<ReadonlySet<string>> {
  if (session.engine === 'pglite') return new Set();
  const names = await session.query<{ name: string | null }>(holdersOf(OURS));
  return new Set(names.flatMap(({ name }) => parseHolderName(name)?.runId ?? []));
}

function serverLock(session: Session, shard: Shard | undefined, close: () => Promise<void>): TakenLock {
  const keys = shard === undefined ? [WHOLE] : [WHOLE, partKey(shard)];
  let isReleased = false;
  return {
    warning: null,
    async isHeld() {
      if (isReleased) return false;
      try {
        const rows = await session.query(
          `SELECT FROM pg_locks WHERE ${OURS} AND objid IN (${keys.join()}) AND pid = pg_backend_pid()`,
        );
        return rows.length === keys.length;
      } catch {
        // a broken connection has also released the lock
        return false;
      }
    },
    async release() {
      if (isReleased) return;
      isReleased = true;
      await giveBack(session);
      await close();
    },
  };
}

/** How long to wait for the server to release the lock; after that it ends with the connection. */
const GIVE_BACK_MS = 1_000;

/**
 * Releases the locks before the connection is closed, because the server notices a closed connection only after a while, and the
 * next run may start immediately. If the server no longer answers, the locks end with the connection.
 */
async function giveBack(session: Session): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, GIVE_BACK_MS)));
  const given = session.run('SELECT pg_advisory_unlock_all()').then(
    () => undefined,
    () => undefined,
  );
  await Promise.race([given, late]);
  clearTimeout(timer);
}

function holderName(request: RunLockRequest): string {
  const runId = request.runId.replace(/[^\x21-\x7e]/g, '?').slice(0, RUN_ID_LENGTH);
  return `ta ${runId} ${process.pid} ${Math.floor(request.nowMs / 1000).toString(36)}`;
}

async function readHolder(session: Session, shard: Shard | undefined): Promise<LockHolder> {
  const rows = await session.query<{ name: string | null }>(holdersOf(inTheWay(shard)));
  const own = parseHolderName(rows[0]?.name ?? null);
  if (own !== null) return own;
  const holder = await readLockHolder(session, inTheWay(shard));
  const { pid = null, since = null } = holder ?? {};
  return { runId: null, pid, since, foreign: { text: holderText(holder), hint: endHint(holder) } };
}

/** Names of the connections that hold certain locks, in the order of their start. */
const holdersOf = (locks: string) => `SELECT a.application_name AS name FROM pg_stat_activity a
  WHERE a.pid IN (SELECT pid FROM pg_locks WHERE ${locks}) ORDER BY a.backend_start`;

function parseHolderName(name: string | null): (LockHolder & { readonly runId: string }) | null {
  const parts = /^ta (\S+) (\d+) ([0-9a-z]+)$/.exec(name ?? '');
  if (parts === null) return null;
  return {
    runId: parts[1],
    pid: Number(parts[2]),
    since: new Date(Number.parseInt(parts[3], 36) * 1000).toISOString(),
  };
}
