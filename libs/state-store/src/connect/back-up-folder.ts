import { rename, rm } from 'node:fs/promises';
import { existsSync, lstatSync, mkdirSync, readdirSync, realpathSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';

import { StoreError, toStoreError } from '../errors.ts';
import { isLockName } from '../lock/file-lock.ts';
import type { Session } from './database.ts';
import { guardFolder } from './folder-guard.ts';
import { openDatabase } from './open-database.ts';
import { copyInto, finishFolder, syncPath } from './pglite-folder.ts';

/** What a backup holds. */
export interface Backup {
  readonly tables: number;
  readonly rows: number;
}

/**
 * Copies an embedded database into a folder that is not there yet, and proves that the copy is one: it is opened, and every
 * row of it is read, whatever version its tables have: a backup comes before an upgrade. Until then it lies beside its place, under another name: what has the right name is whole, and on the
 * disk. The caller holds the run lock.
 *
 * @throws StoreError `STORE_BUSY` when another process has the database open; `STORE_CONFIG` for a place that cannot be;
 * `STORE_DISK_FULL`, …: nothing is left behind then
 */
export async function backUpFolder(dir: string, to: string): Promise<Backup> {
  const place = resolve(to);
  const own = realpathSync(dir);
  atPlace(place, () => assertPlace(own, place));
  const unfinished = join(dirname(place), `.${basename(place)}.unfinished`);
  try {
    await rm(unfinished, { recursive: true, force: true }).catch(() => undefined);
    atPlace(place, () => makeFolder(unfinished));
    const guard = await guardFolder(dir);
    try {
      copyInto(unfinished, own);
    } finally {
      await guard.release();
    }
    const backup = await readEverything(unfinished);
    for (const name of readdirSync(unfinished)) if (isLockName(name)) await rm(join(unfinished, name));
    await finishFolder(unfinished);
    // an empty folder may be there: a name that holds something is never replaced
    await rename(unfinished, place);
    await syncPath(dirname(place));
    return backup;
  } catch (error) {
    // why the backup failed matters more than why its remains stay
    await rm(unfinished, { recursive: true, force: true }).catch(() => undefined);
    throw toStoreError(error);
  }
}

function assertPlace(dir: string, place: string): void {
  if (!relative(dir, place).startsWith('..')) throw refused(`${place} lies in the database itself`);
  const found = lstatSync(place, { throwIfNoEntry: false });
  if (found === undefined) return;
  if (!found.isDirectory()) throw refused(`${place} exists already, and is no folder`);
  if (readdirSync(place).length > 0) throw refused(`${place} exists already`);
}

function refused(text: string, cause?: unknown): StoreError {
  return new StoreError('STORE_CONFIG', text, { hint: 'Name a folder that does not exist yet.', cause });
}

/** Why a folder cannot be made, for those who do not know the names of the system. */
const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'this user may not write there',
  EPERM: 'this user may not write there',
  EROFS: 'nothing can be written there',
  ENOENT: 'no folder can be made there',
  ENOTDIR: 'a part of its path is no folder',
  EEXIST: 'what an earlier backup left there cannot be deleted',
  EISDIR: 'a part of its path is no folder',
  ELOOP: 'its path leads through too many links',
  ENAMETOOLONG: 'its name is too long',
};

/** Makes a folder and those above it; the recursive way of Node never ends below /proc. */
function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    const above = dirname(folder);
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || existsSync(above)) throw error;
    makeFolder(above);
    mkdirSync(folder, { mode: 0o700 });
  }
}

/** Does something at the place of the backup. @throws StoreError `STORE_CONFIG` for a place where no folder can be */
function atPlace<T>(place: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    const reason = REASONS[(error as NodeJS.ErrnoException).code ?? ''];
    if (reason === undefined) throw error;
    throw refused(`Cannot make the backup ${place}: ${reason}`, error);
  }
}

async function readEverything(dir: string): Promise<Backup> {
  const database = await openDatabase({ engine: 'pglite', dir, source: 'backup' });
  try {
    return await database.transaction(countRows, { readOnly: true });
  } finally {
    await database.close();
  }
}

/** As text every value is read, also one that is kept beside its row. */
async function countRows(tx: Session): Promise<Backup> {
  const tables = await tx.query<{ name: string }>(
    `SELECT format('%I.%I', n.nspname, c.relname) AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind = 'r' AND n.nspname NOT IN ('pg_catalog', 'information_schema') ORDER BY 1`,
  );
  let rows = 0;
  for (const { name } of tables) {
    const [{ count }] = await tx.query<{ count: number }>(`SELECT count(t::text) AS count FROM ${name} t`);
    rows += count;
  }
  return { tables: tables.length, rows };
}
