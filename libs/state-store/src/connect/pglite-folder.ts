import { cpSync } from 'node:fs';
import { access, chmod, constants, open, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

import { StoreError } from '../errors.ts';
import { isLockName } from '../lock/file-lock.ts';

/** The PostgreSQL that PGlite is made from: folders of another major version cannot be opened. */
const MAJOR_VERSION = '18';

const MOVE_AWAY = 'Move the folder away to start with an empty database, or name another one in DB_DIR.';

/** Marks the folder while its database is being created: after a crash it identifies an unfinished database. */
const UNFINISHED = 'ta-unfinished';

/**
 * Checks what is in a data folder that this process has locked: PGlite itself would make a database among foreign files. A
 * database whose making was cut short held nothing yet and is made anew.
 * @returns whether there is a database in it
 * @throws StoreError `STORE_CONFIG`; system errors as they come
 */
export async function prepareFolder(dir: string): Promise<'database' | 'empty'> {
  const entries = (await readdir(dir)).filter((name) => !isLockName(name));
  if (entries.includes(UNFINISHED)) {
    // the mark goes last: this, too, may be cut short
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
 * Makes sure that this user may read and write everything in a folder. PostgreSQL aborts without naming the file that
 * it may not open, such as one that root left there.
 * @throws the system error of the first file that it may not
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

/** Fills a folder that {@link prepareFolder} has found empty with the files of another, which no process has open. */
export function copyInto(dir: string, source: string): void {
  // in one go: copied side by side, a thousand small files take three times as long
  cpSync(source, dir, { recursive: true, filter: (from) => !isLockName(basename(from)) });
}

/**
 * Says that the new database in the folder is complete, once everything in it is on the disk: PGlite copies it there without
 * asking for that, and with rights for everybody.
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

/** Side by side, as many as Node asks the system for at a time. */
async function eachOf<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const left = [...items];
  const worker = async () => {
    for (let item = left.pop(); item !== undefined; item = left.pop()) await work(item);
  };
  await Promise.all(Array.from({ length: 4 }, worker));
}

/** Has a file, or the names in a folder, written to the disk. */
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

/** A failure to open, with the database's name before what happened. */
export function openFailure(error: StoreError, shown: string): StoreError {
  const isKnown = ['STORE_BUSY', 'STORE_CONFIG', 'STORE_PERMISSION', 'STORE_DISK_FULL'].includes(error.code);
  return new StoreError(isKnown ? error.code : 'STORE_CONFIG', `Cannot open ${shown}: ${error.message}`, {
    hint: isKnown ? error.hint : `The folder may be damaged, or open in another process. ${MOVE_AWAY}`,
    context: error.context,
    cause: error.cause,
  });
}
