import { randomBytes } from 'node:crypto';
import { CliError, EXIT } from '@ta/cli-kit';
import type { Database, DatabaseTarget } from '@ta/state-store';
import type { Surroundings } from './compose.ts';

/** A database opened for one command. */
export interface OpenDatabase {
  readonly database: Database;
  readonly target: DatabaseTarget;
  readonly runId: string;
}

/** Short, sortable and unique: start time and four random hex digits. */
export function newRunId(nowMs: number): string {
  const stamp = new Date(nowMs).toISOString().replace(/[-:]/g, '').replace('T', '-').slice(0, 15);
  return `${stamp}-${randomBytes(2).toString('hex')}`;
}

/**
 * Opens the chosen database to write to it: takes the run lock first (operations.md 2.6), applies pending migrations and
 * seeds, gives it to `work`, and lets go of both whatever happens.
 */
export async function withWritableDatabase<T>(
  around: Surroundings,
  flags: { dbUrl?: string; command: string; waitLockSeconds?: number; poolSize?: number },
  work: (open: OpenDatabase) => Promise<T>,
): Promise<T> {
  const store = await import('@ta/state-store');
  const target = store.resolveDatabaseTarget({ dbUrl: flags.dbUrl, env: around.env, workspaceRoot: around.root });
  const runId = newRunId(around.now());
  around.warn(`Database: ${store.describeTarget(target)}`);
  const lock = await store.acquireRunLock(target, {
    runId,
    command: flags.command,
    waitMs: (flags.waitLockSeconds ?? 0) * 1000,
    nowMs: around.now(),
  });
  try {
    if (lock.warning !== null) around.warn(`[WARNING] ${lock.warning}`);
    const database = await store.openDatabase(target, { poolSize: flags.poolSize });
    try {
      await prepare(database, around);
      return await work({ database, target, runId });
    } finally {
      await database.close();
    }
  } finally {
    await lock.release();
  }
}

/** Opens the chosen database without changing it; its schema must be there. */
export async function withReadableDatabase<T>(
  around: Surroundings,
  flags: { dbUrl?: string },
  work: (open: Omit<OpenDatabase, 'runId'>) => Promise<T>,
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
  const database = await store.openDatabase(target);
  try {
    await store.assertSchema(database);
    return await work({ database, target });
  } finally {
    await database.close();
  }
}

async function prepare(database: Database, around: Surroundings): Promise<void> {
  const { migrate, seedDimensions } = await import('@ta/state-store');
  const { dimensionSeeds } = await import('@ta/pipeline');
  const { applied } = await migrate(database);
  if (applied.length === 0) return;
  await seedDimensions(database, dimensionSeeds());
  around.warn(`[INFO] Schema: ${applied.length} migration(s) applied`);
}
