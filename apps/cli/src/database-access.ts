import { randomBytes } from 'node:crypto';
import { CliError, EXIT, type Surroundings } from '@ta/cli-kit';
import type { Database, DatabaseTarget, RunLock, Shard } from '@ta/state-store';
import { affordableConcurrency, connectionsNeeded, openWhenFree } from './connection-limit.ts';
import { beforeWork } from './before-work.ts';

/** A database opened for one command. */
export interface OpenDatabase {
  readonly database: Database;
  readonly target: DatabaseTarget;
  readonly runId: string;
  /** Workers that the server has connections for: at most as many as asked for. */
  readonly concurrency: number;
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
 * Opens the chosen database to write to it: takes the run lock first (operations.md 2.6), applies pending migrations and
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
  const lock = await whenFree(() =>
    store.acquireRunLock(target, {
      runId,
      command: access.command,
      waitMs: (access.waitLockSeconds ?? 0) * 1000,
      nowMs: around.now(),
      signal: access.signal,
      shard: access.shard,
    }),
  );
  try {
    if (lock.warning !== null) around.warn(`[WARNING] ${lock.warning}`);
    // the lock is one connection, the workers and the history have the rest
    const database = await whenFree(() => store.openDatabase(target, { poolSize: connectionsNeeded(wanted) - 1 }));
    try {
      const concurrency = await beforeWork(prepare(around, database, wanted));
      return await work({ database, target, runId, concurrency, assertExclusive: () => secure(around, lock) });
    } finally {
      await database.close();
    }
  } finally {
    await lock.release();
  }
}

async function secure(around: Surroundings, lock: RunLock): Promise<void> {
  if (await lock.secure()) around.warn('[WARNING] The run lock was lost with its connection, and taken again');
}

/** How long a command that only reads waits for another one to let go of an embedded database. */
const READ_WAIT_MS = 5_000;

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
  const store = await import('@ta/state-store');
  const target = store.resolveDatabaseTarget({ dbUrl: flags.dbUrl, env: around.env, workspaceRoot: around.root });
  const { existsSync } = await import('node:fs');
  if (target.engine === 'pglite' && target.dir !== null && !existsSync(target.dir)) {
    throw new CliError('CLI_NO_DATABASE', `There is no database in ${target.dir} yet`, {
      exitCode: EXIT.unusable,
      hint: 'Import prices first: ta import csv FILE --id N   (or try the demo: ta demo)',
    });
  }
  // an embedded database serves one process at a time: a reader waits for its turn, and is told who is in
  const request = { runId: newRunId(around.now()), command: 'read', waitMs: READ_WAIT_MS, nowMs: around.now() };
  const lock = target.engine === 'pglite' ? await store.acquireRunLock(target, request) : null;
  try {
    const database = await store.openDatabase(target);
    try {
      if (flags.hasSchema !== false) await store.assertSchema(database);
      return await work({ database, target });
    } finally {
      await database.close();
    }
  } finally {
    await lock?.release();
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
