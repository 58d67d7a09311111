import { assertDatabaseFolder, AT, beforeWork, waitingLine, type Surroundings } from '@ta/cli-kit';
import type { Database, DatabaseTarget, RunLock, Session, Shard } from '@ta/state-store';
import { affordableConcurrency, connectionsNeeded, openWhenFree } from './connection-limit.ts';
import { emptyImage } from './empty-image.ts';
import { newRunId } from './run-id.ts';

/** A database opened for one command. */
export interface OpenDatabase {
  readonly database: Database;
  readonly target: DatabaseTarget;
  readonly runId: string;
  /** Ids processed in parallel: as many as were asked for, or fewer if the server has too few free connections. */
  readonly concurrency: number;
  /** True when nothing may be written. */
  readonly isReadOnly?: true;
  /** Throws when this run has lost the run lock for good. Ask before writing, and before committing. */
  assertExclusive(): Promise<void>;
}

/** How a command opens the database. */
export interface WriteAccess {
  readonly dbUrl?: string;
  readonly command: string;
  /** Creates a missing embedded database. Only for commands that add the first rows; for all others an empty database is of no use. */
  readonly makesDatabase?: true;
  /** Id of the run; absent for a new one. */
  readonly runId?: string;
  readonly waitLockSeconds?: number;
  /** Ids processed in parallel on PostgreSQL. Default 1; PGlite has one connection. */
  readonly concurrency?: number;
  /** The part of the ids to be processed, so that other parts can run at the same time. */
  readonly shard?: Shard;
  /** Ends the waiting for the lock or for a free connection. */
  readonly signal?: AbortSignal;
}

/**
 * Opens the chosen database for writing (an embedded one must exist, see `makesDatabase`): takes the run lock (docs/operations.md), applies
 * pending migrations and seeds, and calls `work`. In the end it always closes the database and releases the lock.
 */
export async function withWritableDatabase<T>(
  around: Surroundings,
  access: WriteAccess,
  work: (open: OpenDatabase) => Promise<T>,
): Promise<T> {
  const store = await import('@ta/state-store');
  const { FULL_SERVER_DELAYS_MS } = await import('@ta/pipeline');
  const target = store.resolveDatabaseTarget({ dbUrl: access.dbUrl, env: around.env, workspaceRoot: around.root });
  const runId = access.runId ?? newRunId(around.now());
  around.warn(`Database: ${store.describeTarget(target)}`);
  if (target.engine === 'pglite' && access.makesDatabase !== true) assertDatabaseFolder(target.dir);
  const wanted = target.engine === 'pglite' ? 1 : (access.concurrency ?? 1);
  const whenFree = <R>(open: () => Promise<R>) =>
    openWhenFree(around, connectionsNeeded(wanted), FULL_SERVER_DELAYS_MS, access.signal, open);
  const request = {
    runId,
    command: access.command,
    waitMs: (access.waitLockSeconds ?? 0) * 1000,
    nowMs: around.now(),
    signal: access.signal,
    shard: access.shard,
    onWait: (wait: Parameters<typeof waitingLine>[0]) => around.warn(waitingLine(wait)),
  };
  const lock = await around.during(AT.opening, () => beforeWork(whenFree(() => store.acquireRunLock(target, request))));
  try {
    if (lock.warning !== null) around.warn(`[WARNING] ${lock.warning}`);
    // one connection is for the lock, the others for the workers and the run history
    const options = { poolSize: connectionsNeeded(wanted) - 1, image: emptyImage };
    const { database, concurrency } = await around.during(AT.opening, () =>
      prepared(around, wanted, () => whenFree(() => store.openDatabase(target, options))),
    );
    try {
      const result = await work({ database, target, runId, concurrency, assertExclusive: () => secure(around, lock) });
      if (access.signal?.aborted !== true) await tidy(around, database);
      return result;
    } finally {
      await around.during(AT.closing, () => database.close());
    }
  } finally {
    await lock.release();
  }
}

/** Frees the space of deleted rows. A failure only causes a warning: the data are committed, and the next run frees the space. */
async function tidy(around: Surroundings, database: Database): Promise<void> {
  const { freeSpace } = await import('@ta/state-store');
  const tell = (table: string) => around.warn(`[INFO] ${table}: freeing the space of deleted rows`);
  await around
    .during('Freeing space', () => freeSpace(database, tell))
    .catch((error: unknown) => {
      around.warn(`[WARNING] No space was freed: ${error instanceof Error ? error.message : String(error)}`);
    });
}

async function secure(around: Surroundings, lock: RunLock): Promise<void> {
  if (await lock.secure())
    around.warn('[WARNING] The connection that held the run lock was lost; the lock was taken again');
}

/** A database whose schema is up to date. */
async function prepared(around: Surroundings, wanted: number, open: () => Promise<Database>) {
  const database = await beforeWork(open());
  try {
    return { database, concurrency: await beforeWork(prepare(around, database, wanted)) };
  } catch (error) {
    await database.close();
    throw error;
  }
}

/** Brings the schema up to date, and determines the concurrency that the free connections allow. */
async function prepare(around: Surroundings, database: Database, concurrency: number): Promise<number> {
  const { mergeDimensions, migrate } = await import('@ta/state-store');
  const { dimensionSeeds } = await import('@ta/pipeline');
  const complete = (tx: Session) => mergeDimensions(tx, dimensionSeeds());
  const { applied } = await migrate(database, complete, ({ rows, id, isKept, done, all }) => {
    const what = isKept ? 'converted' : 'damaged: left out, the next refresh builds them again';
    around.warn(`[${isKept ? 'INFO' : 'WARNING'}] ${rows} of asset ${id} (${done} of ${all}): ${what}`);
  });
  if (applied.length > 0) around.warn(`[INFO] Schema: ${applied.length} migration(s) applied`);
  return affordableConcurrency(around, database, concurrency);
}
