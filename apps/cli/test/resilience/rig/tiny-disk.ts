import { execFile } from 'node:child_process';
import { chown, mkdtemp, rm, stat, statfs, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A file system that is full soon. */
export interface TinyDisk {
  readonly dir: string;
  /** Changes its size, e.g. `200m`. */
  resize(size: string): Promise<void>;
  /** Fills it with a file until so many bytes are left. */
  fill(leftBytes: number): Promise<void>;
  unmount(): Promise<void>;
}

/** Mounts a file system of a size in memory, owned as `ownedAs` is; null where that is not allowed. */
export async function mountTinyDisk(size: string, ownedAs: string): Promise<TinyDisk | null> {
  const dir = await mkdtemp(path.join(tmpdir(), 'ta-tiny-disk-'));
  try {
    await run('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', dir]);
  } catch {
    await rm(dir, { recursive: true });
    return null;
  }
  const { uid, gid } = await stat(ownedAs);
  await chown(dir, uid, gid);
  return {
    dir,
    resize: async (next) => void (await run('mount', ['-o', `remount,size=${next}`, dir])),
    async fill(leftBytes) {
      const { bavail, bsize } = await statfs(dir);
      await writeFile(path.join(dir, `filler-${bavail}`), Buffer.alloc(Math.max(0, bavail * bsize - leftBytes)));
    },
    async unmount() {
      await run('umount', ['-l', dir]);
      await rm(dir, { recursive: true });
    },
  };
}
