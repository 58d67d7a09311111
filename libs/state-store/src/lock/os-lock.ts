import { closeSync, constants, fstatSync, openSync, statSync } from 'node:fs';
import { StoreError } from '../errors.ts';
import { denoLocks, type FileLocks } from './deno-locks.ts';

/** A file that this process has locked. The operating system releases the lock when the process ends, however it ends. */
export interface LockedFile {
  readonly fd: number;
  /** Whether the path still refers to the locked file. */
  isInPlace(): boolean;
  release(): void;
}

/** The errors of the system when a file system does not support locks. */
const NO_LOCKS = new Set(['ENOLCK', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EINVAL']);

/**
 * Locks a file through the operating system. The lock belongs to the file itself, so it works whatever path, mount, container or
 * host name another process uses to reach the file, and also while the holder is suspended.
 *
 * @param options.isShared takes a shared lock, which allows other shared locks
 * @param options.create false to create no file when it does not exist
 * @returns null when the lock is held, in this or another process; `absent` when there is no file
 * @throws StoreError `STORE_CONFIG` when locks are not supported; errors of the system unchanged
 */
export async function lockFile(
  path: string,
  options: { readonly isShared?: boolean; readonly create?: boolean } = {},
): Promise<LockedFile | null | 'absent'> {
  const { tryLock, unlock } = await loadLocks();
  for (;;) {
    const fd = openFile(path, options.create !== false);
    if (fd === null) return 'absent';
    const isInPlace = () => isSameFile(fd, path);
    try {
      if (!tryLock(fd, { shared: options.isShared === true })) {
        closeSync(fd);
        return null;
      }
    } catch (error) {
      closeSync(fd);
      throw NO_LOCKS.has(String((error as NodeJS.ErrnoException).code)) ? withoutLocks(path, error) : error;
    }
    if (isInPlace()) return { fd, isInPlace, release: () => (unlock(fd), closeSync(fd)) };
    // the file was replaced between opening and locking
    closeSync(fd);
  }
}

function openFile(path: string, create: boolean): number | null {
  try {
    return openSync(path, constants.O_RDWR | (create ? constants.O_CREAT : 0), 0o600);
  } catch (error) {
    if (!create && (error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

function isSameFile(fd: number, path: string): boolean {
  const found = statSync(path, { bigint: true, throwIfNoEntry: false });
  const own = fstatSync(fd, { bigint: true });
  return found !== undefined && found.ino === own.ino && found.dev === own.dev;
}

/** Loads the native module only when an embedded database is locked, since servers do not need it. */
async function loadLocks(): Promise<FileLocks> {
  const deno = (globalThis as { readonly Deno?: Parameters<typeof denoLocks>[0] }).Deno;
  if (deno !== undefined) return denoLocks(deno, process.platform);
  try {
    return await import('fs-native-extensions');
  } catch (cause) {
    throw new StoreError(
      'STORE_CONFIG',
      `There are no file locks for this system (${process.platform} ${process.arch})`,
      {
        hint: 'The embedded database needs Linux with glibc, macOS or Windows, on x64 or arm64. Use PostgreSQL: DATABASE_URL.',
        cause,
      },
    );
  }
}

function withoutLocks(path: string, cause: unknown): StoreError {
  return new StoreError('STORE_CONFIG', `The file system of ${path} has no file locks`, {
    hint: 'Keep the embedded database on a local disk (DB_DIR), or use PostgreSQL: DATABASE_URL.',
    cause,
  });
}
