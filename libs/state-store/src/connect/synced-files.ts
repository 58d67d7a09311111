import { fsyncSync } from 'node:fs';
import { NodeFS } from '@electric-sql/pglite/nodefs';

import { CATALOGUE_CACHE } from './catalogue-cache.ts';
import { announceFileAccess } from './statement-channel.ts';

/** An open file in PGlite's file system. */
interface OpenFile {
  readonly nfd: number;
}

type Transfer = (...of: unknown[]) => number;

/** The part of PGlite's module that keeps files in a folder. */
interface FolderModule {
  readonly NODEFS: {
    readonly stream_ops: { fsync?: (stream: OpenFile) => number; read: Transfer; write: Transfer };
    readonly node_ops: { unlink(parent: unknown, name: string): void };
    tryFSOperation<T>(operation: () => T): T;
  };
}

/**
 * A file system for a folder that syncs files to the disk when PostgreSQL requests it. PGlite's own file system ignores such
 * requests, which is why PGlite starts PostgreSQL with `fsync=off`. A sync that fails is reported to PostgreSQL as an error.
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
      const { read, write } = NODEFS.stream_ops;
      NODEFS.stream_ops.read = announced(read);
      NODEFS.stream_ops.write = announced(write);
      const { unlink } = NODEFS.node_ops;
      NODEFS.node_ops.unlink = (parent, name) => {
        if (!this.keepsCatalogueCache || name !== CATALOGUE_CACHE) unlink(parent, name);
      };
    };
    return { emscriptenOpts: { ...emscriptenOpts, preRun: [...(emscriptenOpts.preRun ?? []), syncFiles] } };
  }
}

function announced(transfer: Transfer): Transfer {
  return (...of) => {
    announceFileAccess();
    return transfer(...of);
  };
}

/**
 * The arguments to start PostgreSQL on synced files: those of PGlite without `-F` (`fsync=off`). Of the methods to sync the log,
 * only `fsync` reaches the file system here.
 */
export function syncedStartParams(defaults: readonly string[]): string[] {
  return [...defaults.filter((word) => word !== '-F'), '-c', 'fsync=on', '-c', 'wal_sync_method=fsync'];
}
