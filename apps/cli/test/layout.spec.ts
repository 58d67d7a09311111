import { readFileSync } from 'node:fs';
import path from 'node:path';
import { TABLES_BY_ASSET, TABLES_EVERYWHERE } from '@ta/state-store';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runInside } from './kit/run-inside.ts';
import { AS_OF_MS, createWorld, hasPostgres, type World } from './kit/world.ts';

const FAKE = readFileSync(
  path.resolve(import.meta.dirname, '../../../libs/state-store/test/fixtures/fake-citus.sql'),
  'utf8',
);

const [byAsset, everywhere] = [TABLES_BY_ASSET.length, TABLES_EVERYWHERE.length];

describe.skipIf(!hasPostgres())('ta db migrate --layout', () => {
  let world: World;
  const ta = (...argv: string[]) => runInside(argv, { root: world.root, env: world.env, nowMs: AS_OF_MS });
  const migrate = (...flags: string[]) => ta('db', 'migrate', ...flags);

  beforeAll(async () => {
    world = await createWorld({ days: 40 });
  });
  afterAll(() => world.drop());

  it.each([
    [['--layout', 'partitioned'], /needs --partitions/],
    [['--layout', 'partitioned', '--partitions', '1'], /from 2 to 256/],
    [['--layout', 'plain', '--partitions', '4'], /exclude each other/],
    [['--layout', 'citus', '--partitions', '4'], /exclude each other/],
    [['--shards', '8'], /--shards needs --layout citus/],
    [['--layout', 'citus', '--shards', '0'], /from 1 to 1024/],
  ])('%j is no layout', async (flags, message) => {
    expect(await migrate(...flags)).toMatchObject({ code: 2, stderr: expect.stringMatching(message) as string });
  });

  it('splits the tables, and makes them whole', async () => {
    const split = await migrate('--layout', 'partitioned', '--partitions', '3');
    expect(split).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('Partitions by id: 3; 6 tables') as string,
    });
    const whole = await migrate('--layout', 'plain');
    expect(whole).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('Partitions by id: 1; 6 tables') as string,
    });
  });

  it('citus is refused on a server without the extension, and says what to do', async () => {
    const { code, stderr } = await migrate('--layout', 'citus');
    expect([code, stderr]).toEqual([2, expect.stringMatching(/has no Citus extension\.\n.*CREATE EXTENSION citus/)]);
  });

  it('citus spreads the tables, says which, does nothing the second time, and the refresh goes on', async () => {
    await world.use((session) => session.run(FAKE));
    const { code, stdout, stderr } = await migrate('--layout', 'citus', '--shards', '8');
    expect([code, stdout]).toEqual([
      0,
      expect.stringMatching(/On every server: dim_assets\n[^]*By id: cmc_price_bars_1d\n/),
    ]);
    expect(stdout).toContain(
      `[OK] Citus 13.2.2, 2 servers: ${byAsset} tables by id, ${everywhere} on every server; ${byAsset + everywhere} tables changed`,
    );
    expect(stderr).toContain("truncate_local_data_after_distributing_table('public.dim_assets')");
    const again = await migrate('--layout', 'citus');
    expect(again).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('; 0 tables changed') as string,
    });
    expect((await ta('db', 'status')).stdout).toContain(`Servers: 2 (Citus 13.2.2; ${byAsset} tables by id)`);
    expect(again.stderr).not.toContain('truncate_local_data');
    expect(await ta('refresh', '--all')).toMatchObject({ code: 0 });
    expect(await ta('assets', 'list')).toMatchObject({ code: 0 });
  });

  it('splits no table that is spread over servers', async () => {
    expect(await migrate('--layout', 'plain')).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/one level of partitions only[^]*undistribute_table/) as string,
    });
  });
});
