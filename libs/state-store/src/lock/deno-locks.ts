import { StoreError } from '../errors.ts';

/** Locks of open files, as the system keeps them. */
export interface FileLocks {
  /** False when another open file holds one that excludes it. */
  tryLock(fd: number, options?: { shared?: boolean }): boolean;
  unlock(fd: number): void;
}

/** What is used of Deno's foreign function interface. */
interface Deno {
  dlopen(
    library: string,
    symbols: Readonly<Record<string, { readonly parameters: readonly string[]; readonly result: string }>>,
  ): { readonly symbols: Readonly<Record<string, (...args: readonly unknown[]) => number>> };
}

/** `F_OFD_SETLK` of Linux: a lock of the open file description, dropped with it. */
const SET_LOCK_OF_OPEN_FILE = 37;
const [SHARED, EXCLUSIVE, UNLOCKED] = [0, 1, 2];

/**
 * The locks that `fs-native-extensions` takes on Linux, taken in Deno: notebooks run there, and the native module cannot, because
 * it needs a symbol of Node's own build of libuv. Both runtimes take the same kind of lock, so each sees the other's.
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
