import { chmodSync, mkdirSync, statSync } from 'node:fs';
import { StoreError } from '../errors.ts';

/** An existing data folder. */
export interface PrivateFolder {
  /** A warning for the operator when other users may write into the folder and this program cannot change that; else null. */
  readonly warning: string | null;
}

const ALL_OTHERS = 0o077;
const OTHERS_WRITE = 0o022;

/**
 * Creates a data folder and its parents with mode 0700, or changes an existing one to that mode. Then other users cannot reach
 * any file in it, whatever the file's own mode.
 *
 * @throws StoreError `STORE_CONFIG` when there is a file in its place or above it
 */
export function makePrivateFolder(dir: string): PrivateFolder {
  makeFolder(dir);
  const mode = () => statSync(dir).mode;
  // Windows has no such modes
  if (process.platform === 'win32' || (mode() & ALL_OTHERS) === 0) return { warning: null };
  try {
    chmodSync(dir, mode() & 0o700);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') throw error;
  }
  if ((mode() & OTHERS_WRITE) === 0) return { warning: null };
  return { warning: `Other users can write to the data folder ${dir}: run chmod 700 on it` };
}

function makeFolder(dir: string): void {
  try {
    mkdirSync(dir, { recursive: true, mode: 0o700 });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'EEXIST' && code !== 'ENOTDIR') throw error;
    const place = code === 'EEXIST' ? 'is a file' : 'lies below a file';
    throw new StoreError('STORE_CONFIG', `The data folder ${dir} ${place}`, {
      hint: 'DB_DIR names the folder of an embedded database; without it the folder is .data/pg.',
      cause: error,
    });
  }
}
