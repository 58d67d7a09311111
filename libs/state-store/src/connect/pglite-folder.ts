import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { StoreError } from '../errors.ts';

/** The PostgreSQL that PGlite is made from: folders of another major version cannot be opened. */
const MAJOR_VERSION = '18';

const MOVE_AWAY = 'Move the folder away to begin with an empty database, or name another one in DB_DIR.';

/** Stands beside a folder while its database is being made: after a crash it tells a torso from a database. */
function unfinishedMark(dir: string): string {
  return `${dir}.creating`;
}

/** Tells a folder from another one put in its place. */
async function folderMark(dir: string): Promise<string> {
  const { dev, ino, birthtimeMs } = await stat(dir);
  return `${dev} ${ino} ${birthtimeMs}`;
}

/** Removes a folder whose making was cut short: that very one, not a copy that was put in its place. */
async function removeTorso(dir: string): Promise<void> {
  const [found, mark] = await Promise.all([readFile(unfinishedMark(dir), 'utf8'), folderMark(dir)]).catch(() => [
    '',
    '-',
  ]);
  if (found === mark) await rm(dir, { recursive: true, force: true });
}

/**
 * Makes the parents of a data folder and checks what is in it: PGlite itself would make a database among foreign files.
 * A folder whose making was cut short held nothing yet and is made anew.
 * @throws StoreError `STORE_CONFIG`; system errors as they come
 */
export async function prepareFolder(dir: string): Promise<void> {
  await mkdir(dirname(dir), { recursive: true });
  await removeTorso(dir);
  const entries = await readdir(dir).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  if (entries.length === 0) {
    await mkdir(dir, { recursive: true });
    return writeFile(unfinishedMark(dir), await folderMark(dir));
  }
  const version = await readFile(join(dir, 'PG_VERSION'), 'utf8').then(
    (text) => text.trim(),
    () => null,
  );
  if (version === null) {
    throw new StoreError('STORE_CONFIG', 'the folder holds other files and no database', { hint: MOVE_AWAY });
  }
  if (version !== MAJOR_VERSION) {
    throw new StoreError('STORE_CONFIG', `the folder belongs to PostgreSQL ${version}, PGlite is ${MAJOR_VERSION}`, {
      hint: MOVE_AWAY,
    });
  }
}

/** Says that the database in the folder is complete. */
export async function finishFolder(dir: string): Promise<void> {
  await rm(unfinishedMark(dir), { force: true });
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
