import { readdirSync } from 'node:fs';
import { realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { PGlite } from '@electric-sql/pglite';

import { isCatalogueCacheGood, noteCatalogueCache } from './catalogue-cache.ts';
import { SyncedFiles, syncedStartParams } from './synced-files.ts';

/**
 * Settings of a database that is opened for one query: a small cache, since initializing a large one takes longer than most
 * queries.
 */
const READING = ['shared_buffers=16MB'];

/**
 * Settings for runs. The cache is a quarter of PGlite's default: each start initializes all of it, which takes an eighth of a run
 * without new data, while a build of three assets takes as long with 32 MB as with 128. The limits of the write-ahead log decide
 * how much of it a closed database keeps for the next run to overwrite; PostgreSQL would keep up to 1 GB.
 */
const WRITING = ['shared_buffers=32MB', 'min_wal_size=32MB', 'max_wal_size=64MB'];

/** Number of write-ahead log files, 16 MB each, above which {@link isLogLong} is true. */
const MOST_LOG_FILES = 16;

/**
 * Whether the write-ahead log of an open folder has grown so long that a checkpoint is due. A server has a background process for
 * checkpoints; PGlite would keep the log of a whole build until it is closed.
 */
export function isLogLong(dir: string): boolean {
  return readdirSync(join(dir, 'pg_wal')).length > MOST_LOG_FILES;
}

/** How values are written in this database's sessions, and read by row-values.ts. */
export const SESSION_SETTINGS = ['TimeZone=UTC', 'DateStyle=ISO,YMD', 'extra_float_digits=1'];

/** Bytes of a function's code that are executed before V8 optimizes the function; the default of Node 20 is 1,800,000. */
const TIERING_BUDGET = 50_000_000;

/**
 * Flags of V8 that avoid optimizing PGlite for a single query. Two functions of PostgreSQL, its parser and its evaluator, are so
 * long that a few hundred iterations execute 50 MB of code; optimizing them then takes a third of the time of a whole command.
 */
const QUESTION_FLAGS = [
  `--wasm-tiering-budget=${2 ** 31 - 1}`,
  // most functions are never called, so validate and compile each only when it is
  '--wasm-lazy-validation',
  // the same budget for JavaScript; its default is 67,584 in Node 20, and later versions count it in another way
  ...(process.versions.node.startsWith('20.') ? ['--interrupt-budget=2000000'] : []),
];

/**
 * Starts PostgreSQL in this process, on the files of a folder in which {@link prepareFolder} has found a database or nothing.
 * @param readsOnly starts faster and with less memory, for work that only reads
 */
export async function startOnFolder(dir: string, readsOnly: boolean): Promise<PGlite> {
  compileLater(readsOnly);
  const settings = [...SESSION_SETTINGS, ...WRITING, ...(readsOnly ? READING : [])].flatMap((setting) => [
    '-c',
    setting,
  ]);
  const startParams = [...syncedStartParams(PGlite.defaultStartParams), ...settings];
  // PGlite itself cannot open a folder through a link
  const folder = await realpath(dir);
  const fs = new SyncedFiles(folder);
  const hasCache = readsOnly && isCatalogueCacheGood(folder);
  fs.keepsCatalogueCache = hasCache;
  const pglite = new FolderPglite({ fs, startParams });
  await pglite.waitReady;
  fs.keepsCatalogueCache = false;
  if (!hasCache) noteCatalogueCache(folder);
  return pglite;
}

class FolderPglite extends PGlite {
  /**
   * PGlite queries all array types at each start; this is not needed, since the array types of parameters are known
   * (row-values.ts).
   */
  override _initArrayTypes(): Promise<void> {
    return Promise.resolve();
  }
}

/**
 * Delays the optimization of code, since short runs execute the optimized code only a few times; builds of several minutes do not
 * get slower.
 */
function compileLater(readsOnly: boolean): void {
  // Deno and Bun have other flags
  if ('Deno' in globalThis || 'Bun' in globalThis) return;
  const flags = readsOnly ? QUESTION_FLAGS : [`--wasm-tiering-budget=${TIERING_BUDGET}`];
  for (const flag of flags) setFlagsFromString(flag);
}
