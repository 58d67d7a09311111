import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** Images lie beside the bundled command, since each belongs to one build of it. */
const IMAGES = fileURLToPath(new URL('../bundle/empty-database', import.meta.url));

const UNFINISHED = 'new-';

/**
 * The folder of an empty, migrated and seeded database that the build has made: copying it is much faster than creating one.
 * @returns null when there is no image for this version of PGlite, the migrations and the seeds
 */
export async function emptyImage(): Promise<string | null> {
  const folder = await imageFolder();
  return existsSync(folder) ? folder : null;
}

/** Creates the image unless it exists, and removes those of other versions. */
export async function makeEmptyImage(): Promise<void> {
  const folder = await imageFolder();
  if (existsSync(folder)) return;
  const { mergeDimensions, migrate, openDatabase } = await import('@ta/state-store');
  const { dimensionSeeds } = await import('@ta/pipeline');
  mkdirSync(IMAGES, { recursive: true });
  for (const name of readdirSync(IMAGES))
    if (!name.startsWith(UNFINISHED)) rmSync(path.join(IMAGES, name), { recursive: true, force: true });
  const dir = mkdtempSync(path.join(IMAGES, UNFINISHED));
  const database = await openDatabase({ engine: 'pglite', dir, source: 'image' });
  await migrate(database, (tx) => mergeDimensions(tx, dimensionSeeds()));
  await database.close();
  for (const name of readdirSync(dir)) if (name.endsWith('.lock')) rmSync(path.join(dir, name));
  // another build may have made it meanwhile
  if (existsSync(folder)) rmSync(dir, { recursive: true });
  else renameSync(dir, folder);
}

async function imageFolder(): Promise<string> {
  const { makeOfEmptyDatabase } = await import('@ta/state-store');
  const { dimensionSeeds } = await import('@ta/pipeline');
  const parts = [makeOfEmptyDatabase(), JSON.stringify(dimensionSeeds())];
  return path.join(IMAGES, createHash('sha256').update(parts.join('\n')).digest('hex').slice(0, 16));
}
