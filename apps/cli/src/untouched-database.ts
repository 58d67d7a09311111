import { constants, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { cp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { CliError, EXIT, type Surroundings } from '@ta/cli-kit';
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
  const lookIn = async (readable: DatabaseTarget): Promise<T | null> => {
    try {
      const database = await store.openDatabase(readable, { poolSize: 1, readsOnly: true });
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
    }
  };
  return target.engine === 'pglite' ? withCopy(around, target, store.isFolderInUse, lookIn) : lookIn(target);
}

/**
 * Gives `work` a copy of an embedded database (sharing its blocks if the file system supports that), and removes it, whatever ends
 * the work. Null (after printing the reason) while another process uses the database, and where there is no room for a copy.
 */
async function withCopy<T>(
  around: Surroundings,
  target: Embedded,
  isInUse: (dir: string) => Promise<boolean>,
  work: (copy: Embedded) => Promise<T | null>,
): Promise<T | null> {
  const dir = target.dir as string;
  const without = (why: string) => {
    around.warn(`[WARNING] ${why}; plan without counts`);
    return null;
  };
  const busy = 'Another command is using the embedded database';
  let folder = '';
  const end = (name: NodeJS.Signals) => {
    if (folder !== '') rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
    process.exit(name === 'SIGINT' ? EXIT.interrupted : EXIT.terminated);
  };
  try {
    const copy = { ...target, dir: '' };
    try {
      if (await isInUse(dir)) return without(busy);
      for (const name of SIGNALS) process.on(name, end);
      // at once: a signal that came between its making and its name would leave it
      folder = mkdtempSync(path.join(tmpdir(), 'ta-dry-run-'));
      copy.dir = path.join(folder, 'pg');
      await cp(dir, copy.dir, { recursive: true, mode: constants.COPYFILE_FICLONE });
    } catch (error) {
      return without(`The embedded database could not be copied (${(error as NodeJS.ErrnoException).code})`);
    }
    return (await isInUse(dir)) ? without(busy) : await work(copy);
  } finally {
    if (folder !== '') await rm(folder, { recursive: true, force: true });
    for (const name of SIGNALS) process.off(name, end);
  }
}

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;
