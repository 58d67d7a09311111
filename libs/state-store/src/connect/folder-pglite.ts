import { readdirSync } from 'node:fs';
import { realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { PGlite } from '@electric-sql/pglite';

import { SyncedFiles, syncedStartParams } from './synced-files.ts';

/** What a database that is opened for one question goes without: filling a big cache takes longer than most answers. */
const READING = ['shared_buffers=16MB'];

/** What a closed database keeps of its log, for the next run to write over; PostgreSQL would keep up to 1 GB. */
const WRITING = ['min_wal_size=32MB', 'max_wal_size=64MB'];

/** Files of the log, 16 MB each, after which {@link isLogLong} asks for a checkpoint. */
const MOST_LOG_FILES = 16;

/**
 * Whether the log of an open folder has grown so long that a checkpoint is due. A server has a process of its own that takes
 * care of that; PGlite would keep the log of a whole build until it is closed.
 */
export function isLogLong(dir: string): boolean {
  return readdirSync(join(dir, 'pg_wal')).length > MOST_LOG_FILES;
}

/** How values are written in this database's sessions, and read by row-values.ts. */
export const SESSION_SETTINGS = ['TimeZone=UTC', 'DateStyle=ISO,YMD', 'extra_float_digits=1'];

/** Bytes of a function's code that run before V8 compiles it a second time, well. Node 20 has 1,800,000. */
const TIERING_BUDGET = 50_000_000;

/**
 * PostgreSQL in this process, on the files of a folder that {@link prepareFolder} has found good.
 * @param readsOnly starts sooner, with less memory, for work that only reads
 */
export async function startOnFolder(dir: string, readsOnly: boolean): Promise<PGlite> {
  compileLater();
  const settings = [...SESSION_SETTINGS, ...WRITING, ...(readsOnly ? READING : [])].flatMap((setting) => [
    '-c',
    setting,
  ]);
  const startParams = [...syncedStartParams(PGlite.defaultStartParams), ...settings];
  // PGlite itself cannot open a folder through a link
  const pglite = new FolderPglite({ fs: new SyncedFiles(await realpath(dir)), startParams });
  await pglite.waitReady;
  return pglite;
}

class FolderPglite extends PGlite {
  /** At each start PGlite asks for all types of arrays: those that parameters may have are known (row-values.ts). */
  override _initArrayTypes(): Promise<void> {
    return Promise.resolve();
  }
}

/** Spares short runs the optimizing of code that they run a few times; a build of minutes takes no longer for it. */
function compileLater(): void {
  // Deno and Bun have other settings
  if ('Deno' in globalThis || 'Bun' in globalThis) return;
  setFlagsFromString(`--wasm-tiering-budget=${TIERING_BUDGET}`);
}
