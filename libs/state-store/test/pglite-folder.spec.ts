import { AsyncLocalStorage } from 'node:async_hooks';
import { cpSync, statSync } from 'node:fs';
import { chmod, chown, lstat, mkdir, mkdtemp, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

import type { DatabaseTarget } from '../src/connect/database-url.ts';
import type { Database } from '../src/connect/database.ts';
import { openDatabase } from '../src/connect/open-database.ts';
import { prepareFolder } from '../src/connect/pglite-folder.ts';
import { StoreError } from '../src/errors.ts';
import { freeSpace } from '../src/free-space.ts';
import { readTableSizes } from '../src/read/table-sizes.ts';
import { WITHOUT_TEMPLATES } from './without-templates.ts';

describe('PGlite in a folder', () => {
  let root: string;
  let first: Awaited<ReturnType<typeof makeFirst>>;
  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'ta-pglite-'));
    first = await makeFirst();
  });
  afterAll(() => rm(root, { recursive: true, force: true }));

  /**
   * Makes the one database that is not a copy, which takes longer than all the rest: in a folder of others, where a making was cut short,
   * for a user without a mask.
   */
  async function makeFirst() {
    const dir = join(root, 'first');
    const umask = process.umask(0);
    try {
      await mkdir(dir);
      const prepared = await prepareFolder(dir);
      await mkdir(join(dir, 'base', '5'), { recursive: true });
      for (const torn of ['PG_VERSION', 'postgresql.conf', 'torn', join('base', '5', 'torn')])
        await writeFile(join(dir, torn), '18\n');
      const database = await openDatabase(at('first'));
      const made = await modesIn(dir);
      await database.transaction((tx) => tx.run('CREATE TABLE kept AS SELECT 42 AS v'));
      for (const statement of WITHOUT_TEMPLATES) await database.session((s) => s.run(statement));
      await database.close();
      return { dir, prepared, made, closed: await modesIn(dir) };
    } finally {
      process.umask(umask);
    }
  }

  /** The rights on a folder and on everything in it. */
  async function modesIn(dir: string) {
    const entries = ['.', ...(await readdir(dir, { recursive: true }))];
    return entries.map((name) => ({ name, mode: statSync(join(dir, name)).mode & 0o777 }));
  }

  /** A copy of the first database, for tests of what comes after its making. */
  function copyOfFirst(name: string): DatabaseTarget {
    // files by the hundred: a fraction of the time when nobody else is served meanwhile
    cpSync(first.dir, join(root, name), { recursive: true });
    return at(name);
  }

  const at = (...path: string[]): DatabaseTarget => ({ engine: 'pglite', dir: join(root, ...path), source: 'test' });

  async function refusalOf(target: DatabaseTarget, readsOnly = false): Promise<StoreError> {
    const error = await openDatabase(target, { readsOnly }).then(
      () => expect.fail('the folder was opened'),
      (thrown: unknown) => thrown as StoreError,
    );
    expect(error).toBeInstanceOf(StoreError);
    expect(error.message).toMatch(/^Cannot open PGlite .* \(test\): /);
    return error;
  }

  it('is for its user alone, whatever the umask, and whoever made the folder', () => {
    const { made, closed } = first;
    expect([...made, ...closed].filter(({ mode }) => (mode & 0o077) !== 0)).toEqual([]);
    expect(closed).toContainEqual({ name: '.', mode: 0o700 });
    expect(made.length).toBeGreaterThan(900);
  });

  it('is made anew when its making was cut short', async () => {
    expect(first.prepared).toBe('empty');
    expect(first.made.filter(({ name }) => /torn|ta-unfinished/.test(name))).toEqual([]);
    expect(await prepareFolder(first.dir)).toBe('database');
  });

  it('is made with its parents, and keeps its rows', async () => {
    const target = at('new', 'data', 'pg');
    const made = await openDatabase(target, { image: () => Promise.resolve(first.dir) });
    await made.transaction((tx) => tx.run('CREATE TABLE own AS SELECT 42 AS v'));
    await made.close();
    await made.close();
    await expect(made.session((s) => s.query('SELECT 1'))).rejects.toMatchObject({ code: 'STORE_CONNECTION_LOST' });

    const again = await openDatabase(target);
    expect(await again.session((s) => s.query('SELECT v FROM own'))).toEqual([{ v: 42 }]);
    await again.close();
  });

  it('keeps what PostgreSQL knows of its own tables for a reader, unless it was left by a crash or by another PGlite', async () => {
    const madeAt = async (name: string) => (await stat(join(root, name, 'base', '5', 'pg_internal.init'))).mtimeMs;
    const read = async (name: string) => {
      const database = await openDatabase(at(name), { readsOnly: true });
      expect(await database.session((s) => s.query('SELECT v FROM kept'))).toEqual([{ v: 42 }]);
      await database.close();
    };
    copyOfFirst('cached');
    const writer = await openDatabase(at('cached'));
    await writer.transaction((tx) => tx.run('ALTER TABLE kept ADD w integer DEFAULT 7'));
    const before = await madeAt('cached');
    cpSync(join(root, 'cached'), join(root, 'crashed'), { recursive: true, preserveTimestamps: true });
    await rm(join(root, 'crashed', 'ta-open.lock'), { force: true });
    await writer.close();

    await read('cached');
    expect(await madeAt('cached')).toBe(before);
    await read('crashed');
    expect(await madeAt('crashed')).not.toBe(before);

    await writeFile(join(root, 'cached', 'ta-catalogue-cache'), '0.0.1');
    await read('cached');
    const anew = await madeAt('cached');
    expect(anew).not.toBe(before);
    await read('cached');
    expect(await madeAt('cached')).toBe(anew);
  });

  /** Root may read everything: its tests go on as nobody for a moment. */
  const NOBODY = 65_534;
  it.skipIf(process.platform === 'win32' || process.seteuid === undefined).each([
    ['PG_VERSION', 0o400],
    [join('global', 'pg_control'), 0o600],
    ['base', 0o700],
  ])('names %s where another user has left it unreadable, and does not call the folder damaged', async (name, mode) => {
    const target = copyOfFirst(`foreign-${mode}`);
    const dir = join(root, `foreign-${mode}`);
    const isRoot = process.geteuid?.() === 0;
    if (isRoot) {
      await chmod(root, 0o711);
      const entries = await readdir(dir, { recursive: true });
      for (const entry of ['.', ...entries]) await chown(join(dir, entry), NOBODY, NOBODY);
      await chown(join(dir, name), 0, 0);
    }
    await chmod(join(dir, name), isRoot ? mode : 0);
    if (isRoot) process.seteuid?.(NOBODY);
    const error = await refusalOf(target).finally(() => isRoot && process.seteuid?.(0));
    await chmod(join(dir, name), 0o700);
    expect([error.code, error.message]).toEqual(['STORE_PERMISSION', expect.stringContaining(join(dir, name))]);
    expect(error.hint).not.toMatch(/damaged|empty database/);
  });

  it('keeps its log short while it is written to, and shorter when it is closed', async () => {
    const logFiles = async () =>
      (await readdir(join(root, 'log', 'pg_wal'))).filter((name) => /^[0-9A-F]{24}$/.test(name)).length;
    const database = await openDatabase(copyOfFirst('log'));
    const most: number[] = [];
    for (let round = 0; round < 24; round++) {
      // a file of the log, though most of it is empty
      await database.transaction((tx) => tx.run(`SELECT pg_logical_emit_message(true, 'ta', 'x'), pg_switch_wal()`));
      most.push(await logFiles());
    }
    await database.close();
    expect(Math.max(...most)).toBeGreaterThan(10);
    expect(Math.max(...most)).toBeLessThan(20);
    expect(await logFiles()).toBeLessThanOrEqual(5);
  });

  it('gives the room of deleted rows back: in the table, or on the disk where much of it is dead', async () => {
    const database = await openDatabase(copyOfFirst('dead'));
    // a page a row, as many as make a table worth the work
    const fill = (table: string, rows = 2500) =>
      `INSERT INTO ${table} SELECT g, repeat(md5(g::text), 200) FROM generate_series(1, ${rows}) g;`;
    const create = (table: string) =>
      `CREATE TABLE ${table} (g int PRIMARY KEY, v text); ALTER TABLE ${table} ALTER v SET STORAGE PLAIN;`;
    await database.transaction((tx) =>
      tx.run(
        `${create('replaced')} ${fill('replaced')} ${create('touched')} ${fill('touched')} ${create('untouched')} ${fill('untouched', 1)}`,
      ),
    );
    const sizes = async () =>
      Object.fromEntries(
        (await database.session(readTableSizes)).map(({ table, bytes }) => [table, Math.round(bytes / 1e6)]),
      );
    const before = await sizes();
    expect(before).toMatchObject({ replaced: 21, touched: 21 });
    await database.transaction((tx) =>
      tx.run(`DELETE FROM replaced; ${fill('replaced')} DELETE FROM touched WHERE g < 9`),
    );
    expect((await sizes())['replaced']).toBeGreaterThan(1.9 * before['replaced']);
    const told: string[] = [];
    const freed = await freeSpace(database, (table) => told.push(table));
    expect(freed).toEqual({ vacuumed: ['replaced', 'touched'], rewritten: ['replaced'] });
    expect(told).toEqual(['replaced']);
    expect(await sizes()).toEqual(before);
    const kept = await database.session((s) => s.query('SELECT count(*) AS n, sum(g) AS total FROM replaced'));
    expect(kept).toEqual([{ n: 2500, total: 3_126_250 }]);
    await database.close();
  });

  it('begins as the copy of an image, also after a copy that was cut short, and is overwritten by none', async () => {
    copyOfFirst('image');
    await mkdir(join(root, 'copied'));
    expect(await prepareFolder(join(root, 'copied'))).toBe('empty');
    await writeFile(join(root, 'copied', 'PG_VERSION'), 'cut short');
    const image = () => Promise.resolve(join(root, 'image'));
    const copied = await openDatabase(at('copied'), { image });
    await copied.transaction((tx) => tx.run('UPDATE kept SET v = 43'));
    expect(await readdir(join(root, 'copied'))).not.toContain('ta-unfinished');
    await copied.close();
    const [again, source] = [await openDatabase(at('copied'), { image }), await openDatabase(at('image'))];
    const values = await Promise.all([again, source].map((each) => each.session((s) => s.query('SELECT v FROM kept'))));
    expect(values).toEqual([[{ v: 43 }], [{ v: 42 }]]);
    await Promise.all([again.close(), source.close()]);
    const { mode } = statSync(join(root, 'copied', 'global', 'pg_control'));
    expect(mode & 0o077).toBe(0);
  });

  it('is found through a link to it, which stays one', async () => {
    copyOfFirst('real');
    await symlink(join(root, 'real'), join(root, 'link'));
    const database = await openDatabase(at('link'));
    expect((await refusalOf(at('real'))).code).toBe('STORE_BUSY');
    await database.close();
    expect((await lstat(join(root, 'link'))).isSymbolicLink()).toBe(true);
    await (await openDatabase(at('real'))).close();
    await symlink(join(root, 'nowhere'), join(root, 'dangling'));
    expect((await refusalOf(at('dangling'))).message).toContain('dangling');
  });

  it('is open once at a time, here or elsewhere, also for those who only read, who start with less memory', async () => {
    copyOfFirst('guarded');
    const buffers: unknown[] = [];
    for (const readsOnly of [false, true, false]) {
      const holder = await openDatabase(at('guarded'), { readsOnly });
      buffers.push(...(await holder.session((s) => s.query('SHOW shared_buffers'))));
      for (const other of [false, true]) {
        const error = await refusalOf(at('guarded'), other);
        expect([error.code, error.message]).toEqual([
          'STORE_BUSY',
          expect.stringContaining(`the folder is open in process ${process.pid} since 2`),
        ]);
      }
      await holder.close();
    }
    expect(buffers).toEqual(['32MB', '16MB', '32MB'].map((shared_buffers) => ({ shared_buffers })));
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

  describe('beside one in memory', () => {
    let folder: Database;
    let memory: Database;
    beforeAll(async () => {
      folder = await openDatabase(copyOfFirst('open'));
      memory = await openDatabase({ engine: 'pglite', dir: null, source: 'test' });
    });
    afterAll(() => Promise.all([folder.close(), memory.close()]));

    it('asks for its commits to be on the disk', async () => {
      const names = ['fsync', 'synchronous_commit', 'full_page_writes', 'wal_sync_method'];
      const settings = await Promise.all(names.map((name) => folder.session((s) => s.query(`SHOW ${name}`))));
      expect(settings.map(([row]) => Object.values(row)[0])).toEqual(['on', 'on', 'on', 'fsync']);
    });

    it('takes and gives values as a database in memory does', async () => {
      const values = async (database: Database) => {
        const rows = await database.session((s) =>
          s.query(
            `SELECT $1::int[] AS ints, $2::text[] AS texts, $3::timestamptz[] AS instants, $4::bool[] AS bools,
              $5::float8[] AS floats, $6::date[] AS dates, $7::json AS json, now() AS now, current_setting('TimeZone') AS zone,
              current_setting('DateStyle') AS style, 0.1::float8 + 0.2::float8 AS exact`,
            [
              Int32Array.of(1, 2),
              ['a"b', null, 'c\\,{d}'],
              [new Date(0)],
              [true, false, null],
              [0.1, NaN, -Infinity],
              ['2024-02-29'],
              { a: [1] },
            ],
          ),
        );
        return rows.map((row) => ({ ...row, now: (row['now'] as Date).constructor.name }));
      };
      const [row] = await values(folder);
      expect(row).toMatchObject({
        ints: [1, 2],
        instants: [new Date(0)],
        zone: 'UTC',
        style: 'ISO, YMD',
        exact: 0.1 + 0.2,
      });
      expect([row]).toEqual(await values(memory));
    });

    it('refuses a session inside a session, which would wait forever', async () => {
      const nested = memory.transaction(() => memory.session((s) => s.query('SELECT 1')));
      await expect(nested).rejects.toMatchObject({ code: 'STORE_BUSY' });
      // what a session started and left running may use the database once the session is over
      let later: Promise<unknown> = Promise.resolve();
      await memory.session(async () => {
        later = new Promise((resolve) => setTimeout(resolve, 20)).then(() =>
          memory.session((s) => s.query('SELECT 1 AS one')),
        );
      });
      expect(await later).toEqual([{ one: 1 }]);
    });

    it('follows no promise of the process any more once it is closed', async () => {
      const run = vi.spyOn(AsyncLocalStorage.prototype, 'run');
      const database = await openDatabase(copyOfFirst('followed'));
      await database.session((s) => s.query('SELECT 1'));
      // versions of Node that follow nothing have no such property
      const used = () => run.mock.contexts.map((storage) => (storage as { enabled?: boolean }).enabled);
      expect(used().length).toBeGreaterThan(0);
      await database.close();
      expect(used()).not.toContain(true);
      run.mockRestore();
    });
  });
});
