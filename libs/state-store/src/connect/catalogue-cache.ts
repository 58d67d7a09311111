import { closeSync, openSync, readFileSync, readSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/**
 * The files (one per database, and one shared) in which PostgreSQL caches the contents of its system tables. It deletes them at
 * every start and creates them again, which takes a tenth of the time of a short command.
 */
export const CATALOGUE_CACHE = 'pg_internal.init';

/** A file in the folder that records which version of PGlite wrote the cache files. */
const WRITER = 'ta-catalogue-cache';

/** Offset of the state of the database in `pg_control`, and the value that means that it was closed properly. */
const STATE_AT = 16;
const CLOSED = 1;

/**
 * Whether this start may use the cache files of the last one: only if the database was closed properly, so that no log has to be
 * replayed, and the same version of PGlite wrote the files.
 */
export function isCatalogueCacheGood(dir: string): boolean {
  return writerOf(dir) === pgliteVersion() && stateOf(dir) === CLOSED;
}

/** Records that this version of PGlite has just written the files. Without the record they are created again next time. */
export function noteCatalogueCache(dir: string): void {
  const version = pgliteVersion();
  if (writerOf(dir) === version) return;
  try {
    writeFileSync(join(dir, WRITER), version, { mode: 0o600 });
  } catch {
    // a full disk will be reported by the first important write
  }
}

/** The version of PGlite in this process. */
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
    return null; // PostgreSQL will report the problem
  }
  try {
    const state = Buffer.alloc(4);
    return readSync(fd, state, 0, 4, STATE_AT) === 4 ? state.readInt32LE() : null;
  } finally {
    closeSync(fd);
  }
}
