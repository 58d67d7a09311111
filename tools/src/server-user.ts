import { readFileSync, statSync } from 'node:fs';
import { lchown, readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

/** The account that a server runs under when this process runs as root, since PostgreSQL refuses to run as root. */
export interface ServerUser {
  ids: { uid: number; gid: number };
  /** Gives a directory and everything in it to the user. */
  own(path: string): Promise<void>;
}

const CANDIDATES = ['postgres', 'nobody'];

/** `postgres` or else `nobody` when this process runs as root; null when it does not and can run the server itself. */
export function serverUser(): ServerUser | null {
  if (process.getuid?.() !== 0) return null;
  const accounts = readFileSync('/etc/passwd', 'utf8').split('\n');
  for (const name of CANDIDATES) {
    const [, , uid, gid] = accounts.find((line) => line.startsWith(`${name}:`))?.split(':') ?? [];
    if (uid === undefined || gid === undefined) continue;
    const ids = { uid: Number(uid), gid: Number(gid) };
    return { ids, own: (path) => ownTree(path, ids) };
  }
  throw new Error(`Running as root needs another account for the server: ${CANDIDATES.join(' or ')}.`);
}

/** The folder for temporary files, or `/tmp` when the server's account could not enter that folder. */
export function temporaryRoot(user: ServerUser | null): string {
  const chosen = resolve(tmpdir());
  return user === null || isOpenToAll(chosen) ? chosen : '/tmp';
}

function isOpenToAll(folder: string): boolean {
  const enterable = (statSync(folder).mode & 0o001) !== 0;
  const parent = dirname(folder);
  return enterable && (parent === folder || isOpenToAll(parent));
}

async function ownTree(path: string, ids: { uid: number; gid: number }): Promise<void> {
  const entries = await readdir(path, { withFileTypes: true, recursive: true });
  for (const entry of entries) await lchown(join(entry.parentPath, entry.name), ids.uid, ids.gid);
  await lchown(path, ids.uid, ids.gid);
}
