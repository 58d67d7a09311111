import { readdirSync } from 'node:fs';
import type { Database } from './connect/database.ts';
import type { DatabaseTarget } from './connect/database-url.ts';
import { openDatabase, type OpenOptions } from './connect/open-database.ts';
import { StoreError } from './errors.ts';
import { isLockName, isWanted } from './lock/file-lock.ts';
import { acquireRunLock } from './lock.ts';
import { assertSchema } from './migrate.ts';

/** How long a command that only reads waits for another one to let go of an embedded database. */
const READ_WAIT_MS = 5_000;

/** How a reader wants the database. */
export interface ReadHold extends Pick<OpenOptions, 'poolSize' | 'applicationName' | 'readsOnly'> {
  /** Names the reader to those who wait for an embedded database. */
  readonly runId: string;
  readonly command: string;
  /** When it began, epoch ms: shown to those who wait. */
  readonly nowMs: number;
  /** How long it waits for an embedded database itself; 5 s without. */
  readonly waitMs?: number;
  /** Leaves an embedded database to whoever waits for it. */
  readonly yields?: boolean;
  /** False to open also a database without tables. */
  readonly hasSchema?: boolean;
}

/** A database that is held until it is closed. */
export interface ReadableDatabase {
  readonly database: Database;
  /** Whether somebody waits for an embedded database. */
  isWanted(): Promise<boolean>;
  close(): Promise<void>;
}

/**
 * Opens a database to read it, by the rule of all who need an embedded one: it serves one process at a time, and whoever
 * opens it holds the run lock before and as long. So a reader waits for its turn, a page that yields lets it in, and a
 * refresh is told who is there. On a server a reader needs no lock.
 *
 * @throws StoreError `STORE_BUSY`; `STORE_CONFIG` for a folder without a database, which is not made; those of `openDatabase` and `assertSchema`
 */
export async function openForReading(
  target: DatabaseTarget,
  { hasSchema, poolSize, applicationName, readsOnly, waitMs = READ_WAIT_MS, ...hold }: ReadHold,
): Promise<ReadableDatabase> {
  if (target.engine === 'pglite' && target.dir !== null) assertNotEmpty(target.dir);
  const lock = target.engine === 'pglite' ? await acquireRunLock(target, { ...hold, waitMs }) : null;
  let database: Database | undefined;
  const close = async () => {
    try {
      await database?.close();
    } finally {
      await lock?.release();
    }
  };
  try {
    database = await openDatabase(target, { poolSize, applicationName, readsOnly });
    if (hasSchema !== false) await assertSchema(database);
    const dir = target.engine === 'pglite' ? target.dir : null;
    return { database, isWanted: () => (dir === null ? Promise.resolve(false) : isWanted(dir)), close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** To open a folder in which nothing is would make a database there. */
function assertNotEmpty(dir: string): void {
  let names: string[];
  try {
    names = readdirSync(dir);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') return; // opening it says what is wrong
    names = [];
  }
  if (names.some((name) => !isLockName(name))) return;
  throw new StoreError('STORE_CONFIG', `There is no database in ${dir}`, {
    hint: 'Check the name of the folder. `ta import csv FILE --id N` makes a database.',
  });
}
