import { fsyncSync } from 'node:fs';
import { NodeFS } from '@electric-sql/pglite/nodefs';

import { CATALOGUE_CACHE } from './catalogue-cache.ts';

/** An open file as PGlite's file system knows it. */
interface OpenFile {
  readonly nfd: number;
}

/** The part of PGlite's module that keeps files in a folder. */
interface FolderModule {
  readonly NODEFS: {
    readonly stream_ops: { fsync?: (stream: OpenFile) => number };
    readonly node_ops: { unlink(parent: unknown, name: string): void };
    tryFSOperation<T>(operation: () => T): T;
  };
}

/**
 * Files of a folder that are on the disk when PostgreSQL asks for it. PGlite's own leave that request out, and are started with
 * `fsync=off` for that reason; a request that fails is an error here, which PostgreSQL takes for what it is.
 */
export class SyncedFiles extends NodeFS {
  /** Whether {@link CATALOGUE_CACHE} stays when PostgreSQL deletes it. */
  keepsCatalogueCache = false;

  override async init(...[pglite, options]: Parameters<NodeFS['init']>): ReturnType<NodeFS['init']> {
    const { emscriptenOpts } = await super.init(pglite, options);
    const syncFiles = (module: unknown): void => {
      const { NODEFS } = module as FolderModule;
      NODEFS.stream_ops.fsync = ({ nfd }) => {
        NODEFS.tryFSOperation(() => fsyncSync(nfd));
        return 0;
      };
      const { unlink } = NODEFS.node_ops;
      NODEFS.node_ops.unlink = (parent, name) => {
        if (!this.keepsCatalogueCache || name !== CATALOGUE_CACHE) unlink(parent, name);
      };
    };
    return { emscriptenOpts: { ...emscriptenOpts, preRun: [...(emscriptenOpts.preRun ?? []), syncFiles] } };
  }
}

/**
 * How PostgreSQL is started on synced files: as PGlite does, but for `-F` (`fsync=off`). Of the ways to write the log only
 * `fsync` reaches the file system here.
 */
export function syncedStartParams(defaults: readonly string[]): string[] {
  return [...defaults.filter((word) => word !== '-F'), '-c', 'fsync=on', '-c', 'wal_sync_method=fsync'];
}
