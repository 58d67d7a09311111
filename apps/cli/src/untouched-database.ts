import { constants, existsSync } from 'node:fs';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { CliError, type Surroundings } from '@ta/cli-kit';
import type { Database, DatabaseTarget } from '@ta/state-store';

type Embedded = Extract<DatabaseTarget, { engine: 'pglite' }>;

/**
 * Lets `look` read the selected database without leaving a trace: it takes no lock and changes no schema. Of an embedded database a copy
 * of the folder is opened, so that not even a file changes.
 *
 * @returns the result of `look`, or null (after printing the reason) when the database cannot be read
 * @throws CliError thrown by `look`
 */
export async function withUntouchedDatabase<T>(
  around: Surroundings,
  dbUrl: string | undefined,
  look: (database: Database, target: DatabaseTarget) => Promise<T>,
): Promise<T | null> {
  const store = await import('@ta/state-store');
  const target = store.resolveDatabaseTarget({ dbUrl, env: around.env, workspaceRoot: around.root });
  around.warn(`Database: ${store.describeTarget(target)}`);
  if (target.engine === 'pglite' && (target.dir === null || !existsSync(target.dir))) {
    around.warn('[WARNING] The database is empty: there is no data folder yet; plan without counts');
    return null;
  }
  const copy = target.engine === 'pglite' ? await copyOf(around, target, store.isFolderInUse) : null;
  if (target.engine === 'pglite' && copy === null) return null;
  try {
    const database = await store.openDatabase(copy ?? target, { poolSize: 1, readsOnly: true });
    try {
      await store.assertSchema(database);
      return await look(database, target);
    } finally {
      await database.close();
    }
  } catch (error) {
    if (error instanceof CliError) throw error;
    const why = error instanceof Error ? error.message : String(error);
    around.warn(`[WARNING] ${why}; plan without counts`);
    return null;
  } finally {
    if (copy !== null) await rm(path.dirname(copy.dir as string), { recursive: true, force: true });
  }
}

/** A copy of an embedded database (sharing its blocks if the file system supports that); null while another process uses it. */
async function copyOf(
  around: Surroundings,
  target: Embedded,
  isInUse: (dir: string) => Promise<boolean>,
): Promise<Embedded | null> {
  const dir = target.dir as string;
  const folder = (await isInUse(dir)) ? null : await mkdtemp(path.join(tmpdir(), 'ta-dry-run-'));
  if (folder !== null) {
    const copy = path.join(folder, 'pg');
    await cp(dir, copy, { recursive: true, mode: constants.COPYFILE_FICLONE });
    if (!(await isInUse(dir))) return { ...target, dir: copy };
    await rm(folder, { recursive: true, force: true });
  }
  around.warn('[WARNING] Another command is using the embedded database; plan without counts');
  return null;
}
