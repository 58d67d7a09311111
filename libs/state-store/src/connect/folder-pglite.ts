import { realpath } from 'node:fs/promises';
import { setFlagsFromString } from 'node:v8';
import { PGlite } from '@electric-sql/pglite';

import { SyncedFiles, syncedStartParams } from './synced-files.ts';

/** What a database that is opened for one question goes without: filling a big cache takes longer than most answers. */
const READING = ['shared_buffers=16MB'];

/** How values are written in this database's sessions, and read by row-values.ts. */
export const SESSION_SETTINGS = ['TimeZone=UTC', 'DateStyle=ISO,YMD', 'extra_float_digits=1'];

/** Bytes of a function's code that run before V8 compiles it a second time, as later versions of V8 have it. */
const READING_BUDGET = 50_000_000;

/**
 * PostgreSQL in this process, on the files of a folder that {@link prepareFolder} has found good.
 * @param readsOnly starts sooner, with less memory, for work that only reads
 */
export async function startOnFolder(dir: string, readsOnly: boolean): Promise<PGlite> {
  if (readsOnly) compileLater();
  const settings = [...SESSION_SETTINGS, ...(readsOnly ? READING : [])].flatMap((setting) => ['-c', setting]);
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

/** Spares a short start the optimizing of code that it runs a few times: V8 before version 12 begins with that early. */
function compileLater(): void {
  // Deno and Bun have other settings
  if ('Deno' in globalThis || 'Bun' in globalThis) return;
  setFlagsFromString(`--wasm-tiering-budget=${READING_BUDGET}`);
}
