import { cpSync } from 'node:fs';
import { access, chmod, constants, open, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

import { StoreError } from '../errors.ts';
import { isLockName } from '../lock/file-lock.ts';

/** The PostgreSQL version of PGlite; folders of another major version cannot be opened. */
const MAJOR_VERSION = '18';

const MOVE_AWAY = 'Move the folder away to start with an empty database, or name another one in DB_DIR.';

/** Marks the folder while its database is being created: after a crash it identifies an unfinished database. */
const UNFINISHED = 'ta-unfinished';

/**
 * Checks the contents of a data folder that this process has locked, since PGlite itself would create a database among unrelated
 * files. A database whose creation was interrupted contains no data yet, so its files are deleted and it is created again.
 * @returns whether the folder contains a database
 * @throws StoreError `STORE_CONFIG`; errors of the system unchanged
 */
export async function prepareFolder(dir: string): Promise<'database' | 'empty'> {
  const entries = (await readdir(dir)).filter((name) => !isLockName(name));
  if (entries.includes(UNFINISHED)) {
    // the mark is removed last, since this cleanup may be interrupted too
    for (const name of entries.filter((entry) => entry !== UNFINISHED))
      await rm(join(dir, name), { recursive: true, force: true });
    return 'empty';
  }
  if (entries.length === 0) {
    await writeFile(join(dir, UNFINISHED), '');
    await syncPath(join(dir, UNFINISHED));
    await syncPath(dir);
    return 'empty';
  }
  const version = await readFile(join(dir, 'PG_VERSION'), 'utf8').then(
    (text) => text.trim(),
    (error: unknown) => {
      if (['EACCES', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
      return null;
    },
  );
  if (version === null) {
    throw new StoreError('STORE_CONFIG', 'the folder holds other files and no database', { hint: MOVE_AWAY });
  }
  if (version !== MAJOR_VERSION) {
    throw new StoreError('STORE_CONFIG', `the folder belongs to PostgreSQL ${version}, PGlite is ${MAJOR_VERSION}`, {
      hint: MOVE_AWAY,
    });
  }
  return 'database';
}

/**
 * Checks that this user may read and write every file in a folder. PostgreSQL would abort without naming the file that
 * it cannot open, such as one created by root.
 * @throws the system error of the first file without these rights
 */
export async function assertReachable(dir: string): Promise<void> {
  const { R_OK, W_OK, X_OK } = constants;
  await access(dir, R_OK | W_OK | X_OK);
  const entries = await readdir(dir, { withFileTypes: true });
  for (const entry of entries) {
    const path = join(dir, entry.name);
    if (entry.isDirectory()) await assertReachable(path);
    else if (entry.isFile()) await (await open(path, 'r+')).close();
  }
}

/** Copies the files of a database that no process has open into a folder that {@link prepareFolder} has found empty. */
export function copyInto(dir: string, source: string): void {
  // copied synchronously: in parallel, a thousand small files take three times as long
  cpSync(source, dir, { recursive: true, filter: (from) => !isLockName(basename(from)) });
}

/**
 * Marks the new database in the folder as complete, after syncing its files to the disk and removing the rights of other users:
 * PGlite does neither when it creates the files.
 */
export async function finishFolder(dir: string): Promise<void> {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true });
  await eachOf(entries, async (entry) => {
    const path = join(entry.parentPath, entry.name);
    if (isLockName(entry.name)) return;
    await chmod(path, entry.isDirectory() ? 0o700 : 0o600);
    await syncPath(path);
  });
  await syncPath(dir);
  await rm(join(dir, UNFINISHED), { force: true });
  await syncPath(dir);
  await syncPath(dirname(dir));
}

/** Processes items in parallel, four at a time, which is how many file operations Node passes to the system at a time. */
async function eachOf<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const left = [...items];
  const worker = async () => {
    for (let item = left.pop(); item !== undefined; item = left.pop()) await work(item);
  };
  await Promise.all(Array.from({ length: 4 }, worker));
}

/** Syncs a file, or the entries of a folder, to the disk. */
export async function syncPath(path: string): Promise<void> {
  const handle = await open(path, 'r').catch((error: unknown) => {
    if (process.platform === 'win32') return null; // folders cannot be opened there
    throw error;
  });
  if (handle === null) return;
  try {
    await handle.sync();
  } catch (error) {
    if (process.platform !== 'win32') throw error;
  } finally {
    await handle.close();
  }
}

/**
 * The error for a failure to open a database: the message begins with the database, and an unexpected code becomes
 * `STORE_CONFIG`.
 */
export function openFailure(error: StoreError, shown: string): StoreError {
  const isKnown = ['STORE_BUSY', 'STORE_CONFIG', 'STORE_PERMISSION', 'STORE_DISK_FULL'].includes(error.code);
  return new StoreError(isKnown ? error.code : 'STORE_CONFIG', `Cannot open ${shown}: ${error.message}`, {
    hint: isKnown ? error.hint : `The folder may be damaged, or open in another process. ${MOVE_AWAY}`,
    context: error.context,
    cause: error.cause,
  });
}
