import { chmodSync, mkdirSync, statSync } from 'node:fs';

/** A folder that is there. */
export interface PrivateFolder {
  /** Text for the operator when others may write into the folder although this program cannot change that, or null. */
  readonly warning: string | null;
}

const ALL_OTHERS = 0o077;
const OTHERS_WRITE = 0o022;

/**
 * Makes a data folder, with its parents, for this user alone (0700), and closes one that is open to others. Nothing inside
 * can be reached by others then, whatever its own rights.
 */
export function makePrivateFolder(dir: string): PrivateFolder {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const mode = () => statSync(dir).mode;
  // Windows keeps rights elsewhere
  if (process.platform === 'win32' || (mode() & ALL_OTHERS) === 0) return { warning: null };
  try {
    chmodSync(dir, mode() & 0o700);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') throw error;
  }
  if ((mode() & OTHERS_WRITE) === 0) return { warning: null };
  return { warning: `Other users can write to the data folder ${dir}: run chmod 700 on it` };
}
