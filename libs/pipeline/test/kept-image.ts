import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const CACHE = path.resolve(import.meta.dirname, '../../../node_modules/.cache/ta');

/**
 * The image of an embedded database: made once and kept among the caches of the workspace, for all workers of the tests.
 * @param name of the image
 * @param mark changes with whatever the image is made of; images of other marks are deleted
 */
export async function keptImage(name: string, mark: string, make: () => Promise<Blob>): Promise<Blob> {
  const file = `${name}-${mark}.tar`;
  try {
    return new Blob([readFileSync(path.join(CACHE, file))]);
  } catch {
    const image = await make();
    mkdirSync(CACHE, { recursive: true });
    const others = readdirSync(CACHE).filter((other) => other.startsWith(`${name}-`) && other.endsWith('.tar'));
    for (const other of others) rmSync(path.join(CACHE, other), { force: true });
    // another worker may do the same
    const own = path.join(CACHE, `${file}.${process.pid}`);
    writeFileSync(own, Buffer.from(await image.arrayBuffer()));
    renameSync(own, path.join(CACHE, file));
    return image;
  }
}
