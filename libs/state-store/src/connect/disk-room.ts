import { statfs } from 'node:fs/promises';

import { StoreError } from '../errors.ts';

/** Upper limit of the disk space for one COPY statement of PGlite and its log. */
const LEAST_FREE_BYTES = 128 << 20;

/**
 * Refuses a write to an embedded database when its disk has too little space. PGlite 0.5 hangs in a statement when there is no
 * space for its write-ahead log; a server would stop and recover.
 * @param dir folder of the database; null in memory
 * @throws StoreError `STORE_DISK_FULL`
 */
export async function assertRoom(dir: string | null, neededBytes = 0): Promise<void> {
  if (dir === null) return;
  const { bavail, bsize } = await statfs(dir);
  const [free, least] = [bavail * bsize, LEAST_FREE_BYTES + neededBytes];
  if (free >= least) return;
  const inMb = (bytes: number) => Math.ceil(bytes / (1 << 20));
  throw new StoreError(
    'STORE_DISK_FULL',
    `No space left on the disk of the embedded database: ${inMb(free)} MB are free, a write needs ${inMb(least)} MB.`,
    { hint: 'Free disk space there, then run the command again; nothing that was stored is lost.' },
  );
}
