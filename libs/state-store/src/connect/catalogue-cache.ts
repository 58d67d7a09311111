import { closeSync, openSync, readFileSync, readSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/**
 * The file, one for each database and one for all of them, from which PostgreSQL learns its own tables without reading them. It
 * deletes it at every start and makes it anew, which takes a tenth of a short command.
 */
export const CATALOGUE_CACHE = 'pg_internal.init';

/** Says in the folder which PGlite wrote the files. */
const WRITER = 'ta-catalogue-cache';

/** Where `pg_control` says in what state the database is, and the state of one that was closed. */
const STATE_AT = 16;
const CLOSED = 1;

/**
 * Whether the next start may use the files that the last one made: the database was closed, so that its log has nothing to
 * tell, and this very PGlite wrote them.
 */
export function isCatalogueCacheGood(dir: string): boolean {
  return writerOf(dir) === pgliteVersion() && stateOf(dir) === CLOSED;
}

/** Notes that this PGlite has just written the files. Without a note they are made anew next time. */
export function noteCatalogueCache(dir: string): void {
  const version = pgliteVersion();
  if (writerOf(dir) === version) return;
  try {
    writeFileSync(join(dir, WRITER), version, { mode: 0o600 });
  } catch {
    // a full disk says so at the first write that matters
  }
}

/** The version of the PGlite that this process runs. */
export function pgliteVersion(): string {
  const entry = createRequire(import.meta.url).resolve('@electric-sql/pglite');
  const text = readFileSync(join(dirname(entry), '../package.json'), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

function writerOf(dir: string): string | null {
  try {
    return readFileSync(join(dir, WRITER), 'utf8');
  } catch {
    return null;
  }
}

function stateOf(dir: string): number | null {
  let fd: number;
  try {
    fd = openSync(join(dir, 'global', 'pg_control'), 'r');
  } catch {
    return null; // for PostgreSQL to judge
  }
  try {
    const state = Buffer.alloc(4);
    return readSync(fd, state, 0, 4, STATE_AT) === 4 ? state.readInt32LE() : null;
  } finally {
    closeSync(fd);
  }
}
