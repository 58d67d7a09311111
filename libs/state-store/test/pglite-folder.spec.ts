import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { DatabaseTarget } from '../src/connect/database-url.ts';
import { openDatabase } from '../src/connect/open-database.ts';
import { prepareFolder } from '../src/connect/pglite-folder.ts';
import { StoreError } from '../src/errors.ts';

describe('PGlite in a folder', () => {
  let root: string;
  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'ta-pglite-'));
  });
  afterAll(() => rm(root, { recursive: true, force: true }));

  const at = (...path: string[]): DatabaseTarget => ({ engine: 'pglite', dir: join(root, ...path), source: 'test' });

  async function refusalOf(target: DatabaseTarget): Promise<StoreError> {
    const error = await openDatabase(target).then(
      () => expect.fail('the folder was opened'),
      (thrown: unknown) => thrown as StoreError,
    );
    expect(error).toBeInstanceOf(StoreError);
    expect(error.message).toMatch(/^Cannot open PGlite .* \(test\): /);
    return error;
  }

  it('is made with its parents, and keeps its rows', async () => {
    const target = at('new', 'data', 'pg');
    const first = await openDatabase(target);
    await first.transaction((tx) => tx.run('CREATE TABLE kept AS SELECT 42 AS v'));
    await first.close();
    await first.close();
    await expect(first.session((s) => s.query('SELECT 1'))).rejects.toMatchObject({ code: 'STORE_CONNECTION_LOST' });

    const again = await openDatabase(target);
    expect(await again.session((s) => s.query('SELECT v FROM kept'))).toEqual([{ v: 42 }]);
    await again.close();
  });

  it('is made anew when its making was cut short', async () => {
    const dir = join(root, 'torso');
    const { PGlite } = await import('@electric-sql/pglite');
    await prepareFolder(dir);
    await (await PGlite.create(dir)).close();
    await rm(join(dir, 'global'), { recursive: true });
    const database = await openDatabase(at('torso'));
    await database.close();
    expect(await readdir(root)).not.toContain('torso.creating');
  });

  it('is kept when it was put in the place of one whose making was cut short', async () => {
    await prepareFolder(join(root, 'swapped'));
    await rm(join(root, 'swapped'), { recursive: true });
    await mkdir(join(root, 'swapped'));
    await writeFile(join(root, 'swapped', 'notes.txt'), 'precious');
    expect((await refusalOf(at('swapped'))).message).toContain('other files and no database');
    expect(await readdir(join(root, 'swapped'))).toEqual(['notes.txt']);
  });

  it('is open once at a time, here or elsewhere, also for those who only read', async () => {
    const first = await openDatabase(at('guarded'));
    const error = await refusalOf(at('guarded'));
    expect([error.code, error.message]).toEqual([
      'STORE_BUSY',
      expect.stringContaining(`the folder is open in process ${process.pid} since 2`),
    ]);
    await first.close();
    await (await openDatabase(at('guarded'))).close();
    expect(await readdir(root)).not.toContain('guarded.open');
  });

  it('is not made among foreign files', async () => {
    await mkdir(join(root, 'mine'));
    await writeFile(join(root, 'mine', 'notes.txt'), 'precious');
    const error = await refusalOf(at('mine'));
    expect([error.code, error.message]).toEqual([
      'STORE_CONFIG',
      expect.stringContaining('other files and no database'),
    ]);
  });

  it('is not opened when another version made it', async () => {
    await mkdir(join(root, 'old'));
    await writeFile(join(root, 'old', 'PG_VERSION'), '15\n');
    expect((await refusalOf(at('old'))).message).toContain('belongs to PostgreSQL 15, PGlite is 18');
  });

  it('is STORE_CONFIG where a file stands in the way', async () => {
    await writeFile(join(root, 'file'), '');
    expect((await refusalOf(at('file'))).code).toBe('STORE_CONFIG');
    expect((await refusalOf(at('file', 'pg'))).code).toBe('STORE_CONFIG');
  });

  it('refuses a session inside a session, which would wait forever', async () => {
    const database = await openDatabase({ engine: 'pglite', dir: null, source: 'test' });
    const nested = database.transaction(() => database.session((s) => s.query('SELECT 1')));
    await expect(nested).rejects.toMatchObject({ code: 'STORE_BUSY' });
    // what a session started and left running may use the database once the session is over
    let later: Promise<unknown> = Promise.resolve();
    await database.session(async () => {
      later = new Promise((resolve) => setTimeout(resolve, 20)).then(() =>
        database.session((s) => s.query('SELECT 1 AS one')),
      );
    });
    expect(await later).toEqual([{ one: 1 }]);
    await database.close();
  });
});
