import { randomBytes } from 'node:crypto';
import { assertDatabaseFolder, type Surroundings } from '@ta/cli-kit';
import type { Database, DatabaseTarget, RunLock, Shard } from '@ta/state-store';
import { affordableConcurrency, connectionsNeeded, openWhenFree } from './connection-limit.ts';
import { beforeWork } from './before-work.ts';
import { emptyImage } from './empty-image.ts';

/** A database opened for one command. */
export interface OpenDatabase {
  readonly database: Database;
  readonly target: DatabaseTarget;
  readonly runId: string;
  /** Workers that the server has connections for: at most as many as asked for. */
  readonly concurrency: number;
  /** True where nothing may be written. */
  readonly isReadOnly?: true;
  /** Throws when this run has lost the run lock for good. Ask before writing, and before committing. */
  assertExclusive(): Promise<void>;
}

/** How a command wants the database. */
export interface WriteAccess {
  readonly dbUrl?: string;
  readonly command: string;
  /** Id of the run; a new one without. */
  readonly runId?: string;
  readonly waitLockSeconds?: number;
  /** Workers side by side on PostgreSQL. Default 1; PGlite has one connection. */
  readonly concurrency?: number;
  /** Part of the ids that is worked on: leaves room for the other parts. */
  readonly shard?: Shard;
  /** Ends the waiting for the lock or for a free connection. */
  readonly signal?: AbortSignal;
}

/** Short, sortable and unique, also among shards started together: start time and eight random hex digits. */
export function newRunId(nowMs: number): string {
  const stamp = new Date(nowMs).toISOString().replace(/[-:]/g, '').replace('T', '-').slice(0, 15);
  return `${stamp}-${randomBytes(4).toString('hex')}`;
}

/**
 * Opens the chosen database to write to it: takes the run lock first (docs/operations.md), applies pending migrations and
 * seeds, gives it to `work`, and lets go of both whatever happens.
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
  const wanted = target.engine === 'pglite' ? 1 : (access.concurrency ?? 1);
  const whenFree = <R>(open: () => Promise<R>) =>
    openWhenFree(around, connectionsNeeded(wanted), FULL_SERVER_DELAYS_MS, access.signal, open);
  const lock = await beforeWork(
    whenFree(() =>
      store.acquireRunLock(target, {
        runId,
        command: access.command,
        waitMs: (access.waitLockSeconds ?? 0) * 1000,
        nowMs: around.now(),
        signal: access.signal,
        shard: access.shard,
      }),
    ),
  );
  try {
    if (lock.warning !== null) around.warn(`[WARNING] ${lock.warning}`);
    // the lock is one connection, the workers and the history have the rest
    const options = { poolSize: connectionsNeeded(wanted) - 1, image: emptyImage };
    const database = await beforeWork(whenFree(() => store.openDatabase(target, options)));
    try {
      const concurrency = await beforeWork(prepare(around, database, wanted));
      const result = await work({ database, target, runId, concurrency, assertExclusive: () => secure(around, lock) });
      if (access.signal?.aborted !== true) await tidy(around, database);
      return result;
    } finally {
      await database.close();
    }
  } finally {
    await lock.release();
  }
}

/** Committed data stay; space that cannot be freed now is freed by the next run. */
async function tidy(around: Surroundings, database: Database): Promise<void> {
  const { freeSpace } = await import('@ta/state-store');
  const tell = (table: string) => around.warn(`[INFO] ${table}: freeing the space of deleted rows`);
  await freeSpace(database, tell).catch((error: unknown) => {
    around.warn(`[WARNING] No space was freed: ${error instanceof Error ? error.message : String(error)}`);
  });
}

async function secure(around: Surroundings, lock: RunLock): Promise<void> {
  if (await lock.secure())
    around.warn('[WARNING] The connection that held the run lock was lost; the lock was taken again');
}

/**
 * Opens the chosen database without changing it.
 *
 * @param flags.hasSchema false for a command that also looks at a database without tables
 */
export async function withReadableDatabase<T>(
  around: Surroundings,
  flags: { dbUrl?: string; hasSchema?: boolean },
  work: (open: Pick<OpenDatabase, 'database' | 'target'>) => Promise<T>,
): Promise<T> {
  const { openForReading, resolveDatabaseTarget } = await import('@ta/state-store/open');
  const target = resolveDatabaseTarget({ dbUrl: flags.dbUrl, env: around.env, workspaceRoot: around.root });
  if (target.engine === 'pglite') assertDatabaseFolder(target.dir);
  const nowMs = around.now();
  const hold = { runId: newRunId(nowMs), command: 'read', nowMs, hasSchema: flags.hasSchema, readsOnly: true };
  const { database, close } = await beforeWork(openForReading(target, hold));
  try {
    return await work({ database, target });
  } finally {
    await close();
  }
}

/** Brings the schema up to date and counts the connections there are: how many workers may run. */
async function prepare(around: Surroundings, database: Database, concurrency: number): Promise<number> {
  const { mergeDimensions, migrate } = await import('@ta/state-store');
  const { dimensionSeeds } = await import('@ta/pipeline');
  const { applied } = await migrate(database, (tx) => mergeDimensions(tx, dimensionSeeds()));
  if (applied.length > 0) around.warn(`[INFO] Schema: ${applied.length} migration(s) applied`);
  return affordableConcurrency(around, database, concurrency);
}
