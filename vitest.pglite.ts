import { readFileSync } from 'node:fs';
import path from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { PGlite } from '@electric-sql/pglite';
import { openCopy } from './libs/pipeline/test/image-files.ts';
import { keptImage } from './libs/pipeline/test/kept-image.ts';
import { WITHOUT_TEMPLATES } from './libs/state-store/test/without-templates.ts';

// Making a database in memory anew (initdb) takes seconds of the processor, unpacking an image of a new one a fraction: the
// first is made and kept, all others start from its image. Databases in folders are made as people make them.
const manifest = readFileSync(path.join(import.meta.dirname, 'node_modules/@electric-sql/pglite/package.json'), 'utf8');
const { version } = JSON.parse(manifest) as { version: string };
const PATCHED = Symbol.for('ta.pglite-from-image');

/** As the product has it for folders: two functions of PostgreSQL are so long that optimizing them sooner costs more than it saves. */
setFlagsFromString('--wasm-tiering-budget=50000000');

type Create = typeof PGlite.create;

if (!(PATCHED in PGlite)) {
  const create = PGlite.create.bind(PGlite) as (options?: object | string) => Promise<PGlite>;
  let image: Promise<Blob> | undefined;
  const fromImage = async (given?: object | string): Promise<PGlite> => {
    const start =
      given === undefined
        ? await (image ??= keptImage('empty', version, () => emptyImage(create)))
        : imageInMemory(given);
    return start === undefined ? create(given) : openCopy(create, start);
  };
  Object.assign(PGlite, { create: fromImage as Create, [PATCHED]: true });
}

/** The image of those who give nothing else, as tests do with images of their own. */
function imageInMemory(given: object | string): Blob | undefined {
  const isAlone = typeof given === 'object' && Object.keys(given).join() === 'loadDataDir';
  return isAlone ? (given as { loadDataDir: Blob }).loadDataDir : undefined;
}

async function emptyImage(create: () => Promise<PGlite>): Promise<Blob> {
  const made = await create();
  for (const statement of WITHOUT_TEMPLATES) await made.exec(statement);
  const image = await made.dumpDataDir('none');
  await made.close();
  return image;
}
