import { rename, rm } from 'node:fs/promises';
import { existsSync, lstatSync, mkdirSync, readdirSync, realpathSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';

import { StoreError } from '../errors.ts';
import { toStoreError } from '../store-failure.ts';
import { isLockName } from '../lock/file-lock.ts';
import type { Session } from './database.ts';
import { guardFolder } from './folder-guard.ts';
import { openDatabase } from './open-database.ts';
import { copyInto, finishFolder, syncPath } from './pglite-folder.ts';

/** The contents of a backup. */
export interface Backup {
  readonly tables: number;
  readonly rows: number;
}

/**
 * Copies an embedded database into a folder that does not exist yet, and verifies the copy by opening it and reading every row.
 * The tables may be of any version, since a backup is made before an upgrade. Until the copy is verified it has another name
 * beside its target, so a folder with the target name is always complete and synced to the disk. The caller holds the run lock.
 *
 * @throws StoreError `STORE_BUSY` when another process has the database open; `STORE_CONFIG` for a target that is not possible;
 * `STORE_DISK_FULL`, …. Nothing is left behind then.
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
    // the target may be an empty folder; a folder with contents is never replaced
    await rename(unfinished, place);
    await syncPath(dirname(place));
    return backup;
  } catch (error) {
    // report the failure of the backup in preference to that of its removal
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

/** Why a folder cannot be created, in words instead of codes of the system. */
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

/** Creates a folder and its parents; Node's own recursive mkdir never returns for a path below /proc. */
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

/** Runs a function that creates the backup folder. @throws StoreError `STORE_CONFIG` when the folder cannot be created there */
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

/** Casting the row to text makes PostgreSQL read every value, including those stored outside the row (TOAST). */
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
