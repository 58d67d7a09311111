import { readFileSync } from 'node:fs';
import path from 'node:path';

/** One package of the registry in the lock file. */
export interface LockedPackage {
  readonly name: string;
  readonly version: string;
  /** SPDX expression in its `package.json`; null when there is none. */
  readonly license: string | null;
  /** Whether it is a development package, even if a shipped package can also use it (`devOptional`). */
  readonly isDev: boolean;
  /** Hash that npm compares the download with; null when the lock file has none. */
  readonly integrity: string | null;
}

interface LockEntry {
  readonly version?: string;
  readonly license?: string;
  readonly dev?: boolean;
  readonly devOptional?: boolean;
  readonly link?: boolean;
  readonly integrity?: string;
  readonly name?: string;
}

/** Packages of `package-lock.json` in a folder, without our own workspaces. */
export function lockedPackages(root: string): LockedPackage[] {
  const lock = JSON.parse(readFileSync(path.join(root, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, LockEntry>;
  };
  return Object.entries(lock.packages)
    .filter(([place, { link }]) => place.includes('node_modules/') && link !== true)
    .map(([place, entry]) => ({
      name: entry.name ?? place.slice(place.lastIndexOf('node_modules/') + 'node_modules/'.length),
      version: entry.version ?? '',
      license: entry.license ?? null,
      isDev: entry.dev === true || entry.devOptional === true,
      integrity: entry.integrity ?? null,
    }));
}
