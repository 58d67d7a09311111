import { readdirSync } from 'node:fs';
import type { Database } from './connect/database.ts';
import type { DatabaseTarget } from './connect/database-url.ts';
import { openDatabase, type OpenOptions } from './connect/open-database.ts';
import { StoreError } from './errors.ts';
import { isLockName, isWanted } from './lock/file-lock.ts';
import type { RunLockRequest } from './lock/run-lock.ts';
import { acquireRunLock } from './lock.ts';
import { assertSchema } from './migrate.ts';

/** How long a command that only reads waits for another process to release an embedded database. */
const READ_WAIT_MS = 5_000;

/** How a reader opens the database. */
export interface ReadHold extends Pick<OpenOptions, 'poolSize' | 'applicationName' | 'readsOnly'> {
  /** Name of the reader, shown to processes that wait for an embedded database. */
  readonly runId: string;
  readonly command: string;
  /** Start of the reader, epoch ms; shown to processes that wait. */
  readonly nowMs: number;
  /** How long the reader waits for an embedded database. Default 5 s. */
  readonly waitMs?: number;
  /** Called with the holder while the reader waits. */
  readonly onWait?: RunLockRequest['onWait'];
  /** Closes an embedded database as soon as another process waits for it. */
  readonly yields?: boolean;
  /** False to also open a database without tables. */
  readonly hasSchema?: boolean;
}

/** A database that is held until it is closed. */
export interface ReadableDatabase {
  readonly database: Database;
  /** Whether another process waits for an embedded database. */
  isWanted(): Promise<boolean>;
  close(): Promise<void>;
}

/**
 * Opens a database for reading. An embedded database serves one process at a time, so even a reader holds the run lock from
 * before the database is opened until it is closed: the reader waits for its turn, a chart page that yields releases the database
 * for it, and a waiting refresh can show the reader as the holder. On a server a reader needs no lock.
 *
 * @throws StoreError `STORE_BUSY`; `STORE_CONFIG` for a folder without a database (none is created); the errors of `openDatabase`
 * and `assertSchema`
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

/** Refuses an empty or missing folder, since opening it would create a database. */
function assertNotEmpty(dir: string): void {
  let names: string[];
  try {
    names = readdirSync(dir);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') return; // opening it will report the problem
    names = [];
  }
  if (names.some((name) => !isLockName(name))) return;
  throw new StoreError('STORE_CONFIG', `There is no database in ${dir}`, {
    hint: 'Check the name of the folder. `ta import csv FILE --id N` makes a database.',
  });
}
