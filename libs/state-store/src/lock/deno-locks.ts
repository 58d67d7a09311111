import { StoreError } from '../errors.ts';

/** Locks of open files by the operating system. */
export interface FileLocks {
  /** False when another open file holds a conflicting lock. */
  tryLock(fd: number, options?: { shared?: boolean }): boolean;
  unlock(fd: number): void;
}

/** The part of Deno's foreign function interface that is used here. */
interface Deno {
  dlopen(
    library: string,
    symbols: Readonly<Record<string, { readonly parameters: readonly string[]; readonly result: string }>>,
  ): { readonly symbols: Readonly<Record<string, (...args: readonly unknown[]) => number>> };
}

/** `F_OFD_SETLK` of Linux: a lock that belongs to the open file description and is released with it. */
const SET_LOCK_OF_OPEN_FILE = 37;
const [SHARED, EXCLUSIVE, UNLOCKED] = [0, 1, 2];

/**
 * Takes in Deno the same locks that `fs-native-extensions` takes on Linux. Notebooks run in Deno, where that native module does
 * not load, because it needs a symbol of Node's own build of libuv. The locks are of the same kind, so each runtime sees those of
 * the other.
 *
 * @throws StoreError `STORE_CONFIG` on another system
 */
export function denoLocks(deno: Deno, platform: string): FileLocks {
  if (platform !== 'linux') {
    throw new StoreError('STORE_CONFIG', `Deno cannot lock an embedded database on ${platform}`, {
      hint: 'Open it in Node, or use a PostgreSQL server.',
    });
  }
  const { fcntl } = deno.dlopen('libc.so.6', {
    fcntl: { parameters: ['i32', 'i32', 'buffer'], result: 'i32' },
  }).symbols;
  // struct flock, whole file: the type is its first field, the rest is zero
  const set = (fd: number, type: number) =>
    fcntl(fd, SET_LOCK_OF_OPEN_FILE, new Uint8Array(Int16Array.of(type, ...new Array<number>(15).fill(0)).buffer)) ===
    0;
  return {
    tryLock: (fd, options) => set(fd, options?.shared === true ? SHARED : EXCLUSIVE),
    unlock: (fd) => void set(fd, UNLOCKED),
  };
}
