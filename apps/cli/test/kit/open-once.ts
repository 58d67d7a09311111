import { realpathSync } from 'node:fs';
import { PGlite } from '@electric-sql/pglite';

/** Options of the product's own door that tell which folder it opens. */
interface FolderOptions {
  readonly fs?: { readonly rootDir?: string };
}

/** Folders that stay open between two commands, with the database once it was opened. */
const kept = new Map<string, Promise<PGlite> | null>();
let isPatched = false;

/**
 * Opens the embedded database of a folder once for all commands that this process runs on it one after another: each opening
 * costs a quarter of a second of the processor. A command that closes it ends its session and nothing else, as on a server.
 * For worlds that no other process opens, where neither opening nor closing is the point.
 * @returns closes the database
 */
export function openOnce(dir: string): () => Promise<void> {
  patch();
  const key = realpathSync(dir);
  kept.set(key, null);
  return async () => {
    const pglite = await kept.get(key);
    kept.delete(key);
    if (pglite) await PGlite.prototype.close.call(pglite);
  };
}

function patch(): void {
  if (isPatched) return;
  isPatched = true;
  const create = PGlite.create.bind(PGlite) as (options?: FolderOptions | string) => Promise<PGlite>;
  const once = (given?: FolderOptions | string): Promise<PGlite> => {
    const dir = typeof given === 'object' ? given.fs?.rootDir : undefined;
    if (dir === undefined || !kept.has(dir)) return create(given);
    const opened = kept.get(dir) ?? create(given).then(withoutClose);
    kept.set(dir, opened);
    return opened;
  };
  Object.assign(PGlite, { create: once });
}

/** What a server does when a client leaves: what was left open is rolled back, locks and settings are gone. */
function withoutClose(pglite: PGlite): PGlite {
  return Object.assign(pglite, {
    async close() {
      await pglite.exec('ROLLBACK');
      await pglite.exec('DISCARD ALL');
    },
  });
}
