import { realpathSync } from 'node:fs';
import { PGlite } from '@electric-sql/pglite';

/** What tells which folder a database of the product's own door is on. */
interface OnFolder {
  readonly fs?: { readonly rootDir?: string };
}

/** Folders whose database stays open between two commands, with the database once it was used. */
const kept = new Map<string, PGlite | null>();
const close = PGlite.prototype.close;

/**
 * Keeps the embedded database of a folder open for all commands that this process runs on it one after another: each opening
 * costs a quarter of a second of the processor. A command that closes it ends its session and nothing else, as on a server.
 * For worlds that no other process opens, where neither opening nor closing is the point.
 * @returns closes the database
 */
export function openOnce(dir: string): () => Promise<void> {
  PGlite.prototype.close = closeOrKeep;
  const key = realpathSync(dir);
  kept.set(key, null);
  return async () => {
    const pglite = kept.get(key);
    kept.delete(key);
    if (pglite) await close.call(pglite);
  };
}

/** What a server does when a client leaves: what was left open is rolled back, locks and settings are gone. */
async function closeOrKeep(this: PGlite): Promise<void> {
  const dir = (this as OnFolder).fs?.rootDir;
  if (dir === undefined || !kept.has(dir)) return close.call(this);
  await this.exec('ROLLBACK');
  await this.exec('DISCARD ALL');
  kept.set(dir, this);
  openKept(this.constructor);
}

/** Lets a class of databases give the one that is open already, where its folder has one. */
function openKept(ofFolder: object): void {
  if (Object.getPrototypeOf(ofFolder) !== PGlite) return;
  const keptOrNew = new Proxy(PGlite, {
    construct: (target, args: [OnFolder?], newTarget) =>
      kept.get(args[0]?.fs?.rootDir ?? '') ?? (Reflect.construct(target, args, newTarget) as PGlite),
  });
  Object.setPrototypeOf(ofFolder, keptOrNew);
}
