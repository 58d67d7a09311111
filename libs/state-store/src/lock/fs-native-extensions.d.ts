declare module 'fs-native-extensions' {
  /** Requests a lock on the open file from the system; false when another open file has a conflicting lock. */
  export function tryLock(fd: number, options?: { shared?: boolean }): boolean;
  export function unlock(fd: number): void;
}
