import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { PGlite } from '@electric-sql/pglite';

// Making a database in memory anew (initdb) takes seconds of the processor, unpacking an image of a new one a fraction: the
// first is made and kept, all others start from its image. Databases in folders are made as people make them.
const MODULES = path.join(import.meta.dirname, 'node_modules');
const manifest = readFileSync(path.join(MODULES, '@electric-sql/pglite/package.json'), 'utf8');
const { version } = JSON.parse(manifest) as { version: string };
const IMAGE = path.join(MODULES, `.cache/ta/pglite-${version}.tar`);
const PATCHED = Symbol.for('ta.pglite-from-image');

type Create = typeof PGlite.create;

if (!(PATCHED in PGlite)) {
  const create = PGlite.create.bind(PGlite) as (options?: object | string) => Promise<PGlite>;
  let image: Promise<Blob> | undefined;
  const fromImage = async (given?: object | string): Promise<PGlite> =>
    given === undefined ? create({ loadDataDir: await (image ??= readImage(create)) }) : create(given);
  Object.assign(PGlite, { create: fromImage as Create, [PATCHED]: true });
}

async function readImage(create: () => Promise<PGlite>): Promise<Blob> {
  try {
    return new Blob([readFileSync(IMAGE)]);
  } catch {
    const made = await create();
    const image = await made.dumpDataDir('none');
    await made.close();
    mkdirSync(path.dirname(IMAGE), { recursive: true });
    // another worker may do the same
    writeFileSync(`${IMAGE}.${process.pid}`, Buffer.from(await image.arrayBuffer()));
    renameSync(`${IMAGE}.${process.pid}`, IMAGE);
    return image;
  }
}
