import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { leaseDatabase, serveDashboard } from '@ta/dashboard-server';
import { openDatabase } from '@ta/state-store';
import { runChecks, validationRequest } from '@ta/validation';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runInside } from './kit/run-inside.ts';
import { AS_OF_MS, createWorld, hasPostgres, type World } from './kit/world.ts';

const SCRIPT = readFileSync(path.resolve(import.meta.dirname, '../../../libs/state-store/roles.sql'), 'utf8');

describe.skipIf(!hasPostgres())('logins with the rights of roles.sql', () => {
  const mark = randomBytes(4).toString('hex');
  const logins = { ta_refresh: `ta_refresh_${mark}`, ta_read: `ta_read_${mark}` };
  let world: World;

  beforeAll(async () => {
    world = await createWorld({ days: 40, badRows: { everyDays: 11 } });
    await world.use(async (session) => {
      // twice: it is run again after every migration
      await session.run(SCRIPT);
      await session.run(SCRIPT);
      for (const [role, login] of Object.entries(logins)) {
        await session.run(`CREATE ROLE ${login} LOGIN PASSWORD 'roles' IN ROLE ${role}`);
      }
    });
  });
  afterAll(async () => {
    await world.use(async (session) => {
      for (const login of Object.values(logins)) await session.run(`DROP ROLE ${login}`);
      await session.run('DROP OWNED BY ta_refresh, ta_read');
    });
    await world.drop();
  });

  const ta = (role: keyof typeof logins, ...argv: string[]) => {
    const url = new URL(world.url);
    [url.username, url.password] = [logins[role], 'roles'];
    return runInside(argv, { root: world.root, env: { DATABASE_URL: url.href }, nowMs: AS_OF_MS });
  };
  const refused = (role: keyof typeof logins, statement: string) =>
    ta(role, 'sql', '--write', statement).then(({ code, stderr }) => [code !== 0, /permission denied/i.test(stderr)]);

  it('a reader takes no advisory lock', async () => {
    for (const call of ['pg_advisory_lock(7461, 1)', 'pg_try_advisory_xact_lock_shared(7461001)']) {
      const ended = await ta('ta_read', 'sql', `SELECT ${call}`);
      expect([ended.code, ended.stderr]).toEqual([1, expect.stringContaining('permission denied')]);
    }
  });

  it('the refresh builds everything, once more after a correction, and forgets state', async () => {
    expect(await ta('ta_refresh', 'refresh', '--all')).toMatchObject({ code: 0 });
    await world.sql(
      `UPDATE cmc_price_histories7 SET close = close * 1.001, high = high * 1.01 WHERE id = ${world.ids[0]}`,
    );
    expect(await ta('ta_refresh', 'refresh', '--all', '--deep-check')).toMatchObject({ code: 0 });
    expect(await ta('ta_refresh', 'state', 'reset', '--bars', '--ids', String(world.ids[0]))).toMatchObject({
      code: 0,
    });
    expect(await ta('ta_refresh', 'refresh', '--all')).toMatchObject({ code: 0 });
    const [{ bars, emas }] = await world.sql<{ bars: number; emas: number }>(
      'SELECT (SELECT count(*) FROM cmc_price_bars_multi_tf_u) AS bars, (SELECT count(*) FROM cmc_ema_multi_tf_u) AS emas',
    );
    expect([bars > 500, emas > 500]).toEqual([true, true]);
  });

  it('builds the same where the big tables are split by id, once the rights are given again', async () => {
    const partition = (n: number) =>
      runInside(['db', 'migrate', '--partitions', String(n)], { root: world.root, env: world.env });
    expect(await partition(3)).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/Partitions by id: 3; 6/) as string,
    });
    expect(await ta('ta_refresh', 'refresh', '--all', '--full-rebuild')).toMatchObject({ code: 1 });
    await world.use((session) => session.run(SCRIPT));
    expect(await ta('ta_refresh', 'refresh', '--all', '--full-rebuild')).toMatchObject({ code: 0 });
    expect((await ta('ta_read', 'db', 'status')).stdout).toContain('Partitions by id: 3');
    expect(await partition(3)).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/3; 0 tables changed/) as string,
    });
    expect(await partition(0.5)).toMatchObject({ code: 2 });
    expect((await ta('ta_refresh', 'db', 'migrate', '--partitions', '2')).code).not.toBe(0);
  });

  it('a reader is no worker', async () => {
    expect(await runInside(['db', 'migrate'], { root: world.root, env: world.env })).toMatchObject({ code: 0 });
    await world.use((session) => session.run(SCRIPT));
    expect(await ta('ta_read', 'worker')).toMatchObject({
      code: 4,
      stderr: expect.stringContaining('This role may not take items from the queue') as string,
    });
  });

  it.each([
    'UPDATE cmc_price_histories7 SET close = 1',
    'DELETE FROM dim_assets',
    'UPDATE dim_timeframe SET is_canonical = false',
    'UPDATE cmc_price_bars_1d SET close = 1',
    'DELETE FROM ops_runs',
    'TRUNCATE cmc_price_bars_1d',
    'CREATE TABLE public.mine (id int)',
    'CREATE SCHEMA mine',
    'CREATE FUNCTION public.mine() RETURNS int LANGUAGE sql AS $$ SELECT 1 $$',
  ])('the refresh may not: %s', async (statement) => {
    expect(await refused('ta_refresh', statement)).toEqual([true, true]);
  });

  it.each([
    'ALTER TABLE cmc_price_bars_1d ADD COLUMN mine int',
    'DROP VIEW cmc_ema_multi_tf_v2',
    'DROP TABLE ema_rows',
    'DROP TRIGGER cmc_price_histories7_inserted ON cmc_price_histories7',
    'ALTER TABLE cmc_price_histories7 DISABLE TRIGGER ALL',
  ])('the refresh does not own what it writes: %s', async (statement) => {
    const { code, stderr } = await ta('ta_refresh', 'sql', '--write', statement);
    expect([code !== 0, stderr]).toEqual([true, expect.stringMatching(/must be owner of/)]);
  });

  it('the refresh has no right on any table beyond the list, and on no schema or database to create', async () => {
    const rights = await world.sql<{ name: string; rights: string }>(
      `SELECT c.relname AS name, string_agg(p, ',' ORDER BY p) AS rights
       FROM pg_class c, unnest(ARRAY['INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER']) p
       WHERE c.relnamespace IN ('public'::regnamespace, 'ta_store'::regnamespace) AND c.relkind IN ('r', 'p', 'v')
         AND has_table_privilege('ta_refresh', c.oid, p) GROUP BY 1 ORDER BY 1`,
    );
    const kindsOf = (kind: string) => rights.filter((row) => row.rights === kind).map(({ name }) => name);
    expect(new Set(rights.map((row) => row.rights))).toEqual(
      new Set(['DELETE,INSERT', 'DELETE,INSERT,UPDATE', 'INSERT,UPDATE', 'INSERT']),
    );
    expect(kindsOf('DELETE,INSERT,UPDATE')).toEqual([
      'cmc_ema_refresh_state',
      'cmc_price_bars_1d_state',
      'ema_rejects',
    ]);
    expect(kindsOf('INSERT,UPDATE')).toEqual(['ops_run_items', 'ops_runs', 'ops_settings']);
    expect(kindsOf('INSERT')).toEqual(['bar_series', 'ema_series', 'ops_alerts', 'ops_validation_results']);
    const replaced = kindsOf('DELETE,INSERT');
    expect([
      replaced.length,
      replaced.every((name) => /^(ema_rows$|bar_rows|cmc_(ema|price_bars|price_histories7_changes))/.test(name)),
    ]).toEqual([18, true]);
    const [{ schemas, owned, database }] = await world.sql<{ schemas: number; owned: number; database: boolean }>(
      `SELECT (SELECT count(*) FROM pg_namespace WHERE has_schema_privilege('ta_refresh', oid, 'CREATE')) AS schemas,
         (SELECT count(*) FROM pg_class WHERE relowner = 'ta_refresh'::regrole) AS owned,
         has_database_privilege('ta_refresh', current_database(), 'CREATE') AS database`,
    );
    expect([schemas, owned, database]).toEqual([0, 0, false]);
  });

  describe('a reader is enough for', () => {
    const open = () => {
      const url = new URL(world.url);
      [url.username, url.password] = [logins.ta_read, 'roles'];
      return openDatabase({ engine: 'postgres', url: url.href, source: 'test' });
    };

    it('the validator, in every profile', async () => {
      const database = await open();
      try {
        for (const profile of ['fast', 'paranoid'] as const) {
          const request = validationRequest({ asOfTs: AS_OF_MS, profile, concurrency: 2 });
          const { isPassed, checks } = await runChecks(database, request, {}, () => 0);
          expect([isPassed, checks.filter(({ status }) => status !== 'PASS')]).toEqual([true, []]);
        }
      } finally {
        await database.close();
      }
    });

    it('the chart page', async () => {
      writeFileSync(path.join(world.root, 'index.html'), '<!doctype html>');
      const served = await serveDashboard({
        access: leaseDatabase(async () => {
          const database = await open();
          return { database, close: () => database.close() };
        }, null),
        ...{ target: 'test', pageDir: world.root, host: '127.0.0.1', port: 0, token: null },
        ...{ now: () => AS_OF_MS, maxAgeHours: 48 },
      });
      try {
        for (const view of ['catalogue', 'assets', 'freshness', 'runs', 'findings']) {
          const answer = await fetch(new URL(`/api/${view}`, served.url));
          expect([view, answer.status]).toEqual([view, 200]);
        }
      } finally {
        await served.close();
      }
    });
  });

  it('a reader sees every table and view', async () => {
    const [{ seen, hidden }] = await world.sql<{ seen: number; hidden: number }>(
      `SELECT count(*) FILTER (WHERE is_seen) AS seen, count(*) FILTER (WHERE NOT is_seen) AS hidden
       FROM (SELECT has_table_privilege('ta_read', oid, 'SELECT') AS is_seen FROM pg_class
             WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v')) r`,
    );
    expect([seen > 40, hidden]).toEqual([true, 0]);
    expect(await ta('ta_read', 'sql', 'SELECT count(*) FROM cmc_price_bars_1d')).toMatchObject({ code: 0 });
    expect(await ta('ta_read', 'state', 'stale')).toMatchObject({ code: expect.any(Number) as number, stderr: '' });
  });

  it.each(['UPDATE cmc_price_bars_1d SET close = 1', 'DELETE FROM ops_runs', 'INSERT INTO dim_assets (id) VALUES (9)'])(
    'a reader may not: %s',
    async (statement) => {
      expect(await refused('ta_read', statement)).toEqual([true, true]);
    },
  );
});
