import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readAndRollBack } from '@ta/state-store/open';
import { assertReads, returnsRows } from '../src/reading-statement.ts';
import { runInside } from './kit/run-inside.ts';
import { createWorld, hasPostgres, type World } from './kit/world.ts';

const READING = [
  'SELECT 1',
  'SELECT 1;',
  'TABLE dim_assets',
  'VALUES (1), (2)',
  'WITH a AS (SELECT 1 AS x) SELECT x FROM a UNION SELECT 2',
  'SHOW server_version',
  'EXPLAIN DELETE FROM dim_assets',
  'EXPLAIN (ANALYZE, COSTS OFF) SELECT 1',
  "SELECT 'DELETE FROM x; COPY x TO y'",
  'COPY dim_assets TO STDOUT',
  'COPY dim_assets (id, name) TO STDOUT WITH CSV HEADER',
  'COPY (SELECT 1 AS one) TO STDOUT (FORMAT csv, HEADER)',
];

const OTHER = [
  'SELECT 1 AS x INTO kept',
  'WITH gone AS (DELETE FROM dim_assets RETURNING *) SELECT * FROM gone',
  'EXPLAIN ANALYZE DELETE FROM dim_assets',
  'EXPLAIN ANALYZE CREATE TABLE kept AS SELECT 1',
  'EXPLAIN ANALYZE WITH gone AS (DELETE FROM dim_assets RETURNING *) SELECT * FROM gone',
  'INSERT INTO dim_assets (id, name) VALUES (9, 9)',
  'UPDATE dim_assets SET name = 1',
  'DELETE FROM dim_assets',
  'TRUNCATE dim_assets',
  'CREATE TABLE kept (x int)',
  "COPY dim_assets TO '/tmp/x'",
  "COPY dim_assets TO PROGRAM 'cat'",
  'COPY dim_assets FROM STDIN',
  'COPY (DELETE FROM dim_assets RETURNING *) TO STDOUT',
  'COPY (WITH gone AS (DELETE FROM dim_assets RETURNING *) TABLE gone) TO STDOUT',
  "PREPARE TRANSACTION 'x'",
  'PREPARE x AS SELECT 1',
  'EXECUTE x',
  'COMMIT',
  'SET ROLE postgres',
  'RESET ROLE',
  'CALL x()',
  'DO $$ BEGIN NULL; END $$',
  'VACUUM',
  'CHECKPOINT',
  'LOCK TABLE dim_assets',
  'NOTIFY x',
  "LOAD 'x'",
];

describe('a statement of `ta sql` without --write', () => {
  it.each(READING)('reads: %s', async (sql) => {
    await expect(assertReads(sql)).resolves.toBe(sql.startsWith('COPY') ? 'copy' : 'rows');
  });

  it.each(['COPY dim_assets TO STDOUT (FORMAT binary)', "COPY dim_assets TO STDOUT (ENCODING 'LATIN1')"])(
    'is refused as no text: %s',
    async (sql) => {
      await expect(assertReads(sql)).rejects.toMatchObject({ code: 'CLI_SQL', exitCode: 1 });
    },
  );

  it.each(OTHER)('is refused: %s', async (sql) => {
    await expect(assertReads(sql)).rejects.toMatchObject({ code: 'CLI_SQL_WRITES', exitCode: 1 });
  });

  it.each(['SELEKT 1', 'SELECT 1; SELECT 2', "SELECT 'open"])('is refused as no statement: %s', async (sql) => {
    await expect(assertReads(sql)).rejects.toMatchObject({ code: 'CLI_SQL', exitCode: 1 });
  });
});

describe.each(['pglite', 'postgres'] as const)('`ta sql` on %s', (engine) => {
  describe.skipIf(engine === 'postgres' && !hasPostgres())('without --write', () => {
    let world: World;
    let folder: string;
    beforeAll(async () => {
      world = await createWorld({ engine, days: 3, isKeptOpen: true });
      folder = mkdtempSync(path.join(tmpdir(), 'ta-sql-'));
    });
    afterAll(async () => {
      await world.drop();
      rmSync(folder, { recursive: true });
    });
    const sql = (statement: string) =>
      runInside(['sql', statement, '--format', 'csv'], { root: world.root, env: world.env });

    it('reads every table', async () => {
      expect(await sql('SELECT count(*) AS n FROM dim_assets')).toMatchObject({ code: 0, stdout: 'n\n2\n' });
    });

    it('has no rights of a superuser, and keeps nothing', async () => {
      expect((await sql("SELECT current_setting('is_superuser') AS it")).stdout).toBe('it\noff\n');
      expect((await sql("SELECT pg_read_file('PG_VERSION')")).stderr).toContain('permission denied');
      await sql('SELECT lo_create(0)');
      expect(await world.sql('SELECT FROM pg_largeobject_metadata')).toEqual([]);
    });

    it('copies to the one who asks, with the rights of a reader', async () => {
      const copied = await sql(
        "COPY (SELECT id, 'ä,\"b' AS text FROM dim_assets ORDER BY id) TO STDOUT (FORMAT csv, HEADER)",
      );
      const lines = world.ids.map((id) => `${id},"ä,""b"\n`);
      expect([copied.code, copied.stdout]).toEqual([0, `id,text\n${lines.join('')}`]);
      const own = await sql("COPY (SELECT current_setting('is_superuser')) TO STDOUT");
      expect(own.stdout).toBe('off\n');
      const foreign = await sql("COPY (SELECT pg_read_file('PG_VERSION')) TO STDOUT");
      expect([foreign.code, foreign.stderr]).toEqual([1, expect.stringContaining('permission denied')]);
      const many = await sql('COPY (SELECT i FROM generate_series(1, 5000) AS i) TO STDOUT');
      expect(many.stdout.split('\n')).toHaveLength(5_001);
      // and the database can be asked again
      expect((await sql('SELECT count(*) AS n FROM dim_assets')).stdout).toBe('n\n2\n');
    });

    it('writes no file', async () => {
      const ended = await sql(`COPY (SELECT 1) TO '${folder}/made.txt'`);
      expect([ended.code, ended.stderr]).toEqual([1, expect.stringContaining('TO STDOUT')]);
      expect(readdirSync(folder)).toEqual([]);
    });

    it('leaves the rights of the connection as they were', async () => {
      const { openDatabase, resolveDatabaseTarget } = await import('@ta/state-store');
      const database = await openDatabase(resolveDatabaseTarget({ env: world.env, workspaceRoot: world.root }));
      const who = () => database.session((session) => session.query('SELECT current_user AS who'));
      const before = await who();
      const inside = await readAndRollBack(database, (tx) => tx.query('SELECT current_user AS who'));
      const failed = readAndRollBack(database, () => Promise.reject(new Error('mine')));
      await expect(failed).rejects.toThrow('mine');
      expect([inside, await who()]).toEqual([[{ who: 'pg_read_all_data' }], before]);
      await database.close();
    });
  });
});

describe('the result of a statement is', () => {
  it.each([
    'SELECT 1',
    '/* note */ SELECT 1',
    '(SELECT 1) UNION (SELECT 2)',
    'VALUES (1)',
    'TABLE t',
    'SHOW timezone',
    'EXPLAIN SELECT 1',
    'WITH gone AS (DELETE FROM t) SELECT 1',
    'UPDATE t SET a = 1 RETURNING a',
    'WITH x AS (SELECT 1 AS a) DELETE FROM t USING x WHERE t.a = x.a RETURNING t.a',
  ])('rows: %s', async (sql) => {
    expect(await returnsRows(sql)).toBe(true);
  });

  it.each([
    "UPDATE t SET a = 'returning'",
    'WITH x AS (SELECT 1 AS a) UPDATE t SET a = x.a FROM x',
    'WITH gone AS (DELETE FROM t RETURNING a) INSERT INTO u SELECT a FROM gone',
    'SELECT a INTO u FROM t',
    '-- select\nDELETE FROM t',
    'CREATE TABLE t (a int)',
  ])('a number of rows changed: %s', async (sql) => {
    expect(await returnsRows(sql)).toBe(false);
  });
});
