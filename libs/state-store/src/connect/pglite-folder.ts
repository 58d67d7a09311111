import { mkdir, readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { StoreError } from '../errors.ts';

/** The PostgreSQL that PGlite is made from: folders of another major version cannot be opened. */
const MAJOR_VERSION = '18';

const MOVE_AWAY = 'Move the folder away to begin with an empty database, or name another one in DB_DIR.';

/**
 * Makes the parents of a data folder and checks what is in it: PGlite itself would make a database among foreign files.
 * @throws StoreError `STORE_CONFIG`; system errors as they come
 */
export async function prepareFolder(dir: string): Promise<void> {
  await mkdir(dirname(dir), { recursive: true });
  const entries = await readdir(dir).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  if (entries.length === 0) return;
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

/** A failure to open, with the database's name before what happened. */
export function openFailure(error: StoreError, shown: string): StoreError {
  const isKnown = ['STORE_CONFIG', 'STORE_PERMISSION', 'STORE_DISK_FULL'].includes(error.code);
  return new StoreError(isKnown ? error.code : 'STORE_CONFIG', `Cannot open ${shown}: ${error.message}`, {
    hint: isKnown ? error.hint : `The folder may be damaged, or open in another process. ${MOVE_AWAY}`,
    context: error.context,
    cause: error.cause,
  });
}
