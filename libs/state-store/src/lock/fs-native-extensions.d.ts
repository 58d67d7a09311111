declare module 'fs-native-extensions' {
  /** Asks the system for a lock on the open file; false when another open file holds one that excludes it. */
  export function tryLock(fd: number, options?: { shared?: boolean }): boolean;
  export function unlock(fd: number): void;
}
