import { AsyncLocalStorage } from 'node:async_hooks';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { openDatabase, type Database } from '@ta/state-store';
import { openCopy } from './image-files.ts';
import { keptImage } from './kept-image.ts';

const images = new Map<string, Promise<Blob>>();
const imageOfOpening = new AsyncLocalStorage<Blob>();
let openings = 0;
let isPatched = false;

/**
 * A database in memory of one's own that is like the others of its name: the first is made, the others are copies of what it
 * was when it was made. Names are good for one worker of the tests.
 * @param make fills an empty database
 * @param mark with it, workers share the image: it changes with whatever `make` depends on
 */
export function copiedPglite(
  name: string,
  make: (database: Database) => Promise<unknown>,
  mark?: string,
): Promise<Database> {
  return copied(name, async () => madeBy(await openMemory(), make), mark);
}

/**
 * The same for what is made from the copy of another database.
 * @param begin opens that copy
 * @param make fills it
 */
export function furtherPglite(
  name: string,
  begin: () => Promise<Database>,
  make: (database: Database) => Promise<unknown>,
): Promise<Database> {
  return copied(name, async () => madeBy(await begin(), make));
}

async function copied(name: string, open: () => Promise<Database>, mark?: string): Promise<Database> {
  const known = images.get(name) ?? (mark === undefined ? undefined : keptImage(name, mark, () => imageOnly(open)));
  if (known !== undefined) {
    images.set(name, known);
    return openImage(await known);
  }
  const database = open();
  const image = database.then(imageOf);
  images.set(name, image);
  try {
    await image;
  } catch (error) {
    images.delete(name);
    throw error;
  }
  return database;
}

async function madeBy(database: Database, make: (database: Database) => Promise<unknown>): Promise<Database> {
  await make(database);
  return database;
}

async function imageOnly(open: () => Promise<Database>): Promise<Blob> {
  const database = await open();
  try {
    return await imageOf(database);
  } finally {
    await database.close();
  }
}

function openMemory(): Promise<Database> {
  return openDatabase({ engine: 'pglite', dir: null, source: 'test' });
}

async function imageOf(database: Database): Promise<Blob> {
  const { pglite } = database as unknown as { pglite: PGlite };
  await pglite.exec('CHECKPOINT');
  return pglite.dumpDataDir('none') as Promise<Blob>;
}

/** Opens an image through the product's own door, which knows none. */
function openImage(image: Blob): Promise<Database> {
  if (!isPatched) {
    const create = PGlite.create.bind(PGlite) as (options?: object | string) => Promise<PGlite>;
    const fromImage = (given?: object | string) => {
      const start = imageOfOpening.getStore();
      return given === undefined && start !== undefined ? openCopy(create, start) : create(given);
    };
    Object.assign(PGlite, { create: fromImage });
    isPatched = true;
  }
  openings++;
  return imageOfOpening.run(image, openMemory).finally(() => {
    openings--;
    // in use it slows every promise down
    if (openings === 0) imageOfOpening.disable();
  });
}

const folders = new Map<string, Promise<string>>();

/**
 * Fills a new folder with an embedded database that is like the others of its name: making one takes seconds of the processor,
 * copying its files a fraction, and least when nobody else is served meanwhile.
 * Workers share what was made.
 * @param mark changes with whatever `open` and `make` depend on
 * @param open the database in memory that `make` gets
 */
export async function copiedPgliteFolder(
  dir: string,
  name: string,
  mark: string,
  open: () => Promise<Database>,
  make: (database: Database) => Promise<unknown>,
): Promise<void> {
  const image = () => imageOnly(async () => madeBy(await open(), make));
  const made = folders.get(name) ?? makeFolder(() => keptImage(name, mark, image));
  folders.set(name, made);
  cpSync(await made, dir, { recursive: true });
}

/** Makes the folder of an embedded database that is what one in memory is at this moment. */
export async function saveAsFolder(database: Database, dir: string): Promise<void> {
  await (await PGlite.create({ dataDir: dir, loadDataDir: await imageOf(database) })).close();
}

async function makeFolder(image: () => Promise<Blob>): Promise<string> {
  const root = mkdtempSync(path.join(tmpdir(), 'ta-pglite-'));
  process.once('exit', () => rmSync(root, { recursive: true, force: true }));
  const dir = path.join(root, 'pg');
  await (await PGlite.create({ dataDir: dir, loadDataDir: await image() })).close();
  return dir;
}
