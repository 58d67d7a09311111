import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
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

  it.each([
    'UPDATE cmc_price_histories7 SET close = 1',
    'DELETE FROM dim_assets',
    'UPDATE dim_timeframe SET is_canonical = false',
    'CREATE TABLE public.mine (id int)',
  ])('the refresh may not: %s', async (statement) => {
    expect(await refused('ta_refresh', statement)).toEqual([true, true]);
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
