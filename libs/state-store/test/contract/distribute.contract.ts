import { readFileSync } from 'node:fs';
import path from 'node:path';
import { beforeEach, expect, it } from 'vitest';
import type { Database } from '../../src/connect/database.ts';
import { assertOnOneServer, distributeByAsset, readDistribution } from '../../src/distribute.ts';
import { migrate } from '../../src/migrate.ts';
import { partitionTables } from '../../src/partition.ts';
import { TABLES_BY_ASSET, TABLES_EVERYWHERE } from '../../src/tables/table-places.ts';
import { saveAsset } from '../../src/write/assets.ts';
import { storeErrorOf } from './store-error.ts';
import type { TheDatabase } from './test-engines.ts';

const FAKE = readFileSync(path.resolve(import.meta.dirname, '../fixtures/fake-citus.sql'), 'utf8');

/** What spreading a database over the servers of a cluster asks of the extension, here a fake of it. */
export function distributeContract(test: TheDatabase): void {
  const database = (): Database => test().database;
  const run = (sql: string) => database().session((session) => session.run(sql));
  const calls = () =>
    database().session(async (session) =>
      (await session.query<{ call: string }>('SELECT call FROM citus_calls')).map(({ call }) => call),
    );

  beforeEach(async () => {
    await run(`DROP SCHEMA IF EXISTS ta_store CASCADE; DROP SCHEMA public CASCADE; CREATE SCHEMA public`);
    await migrate(database());
  });

  it('is refused on a server without the extension, and says what to do', async () => {
    expect(await database().session(readDistribution)).toBeNull();
    const error = await storeErrorOf(() => distributeByAsset(database()));
    expect([error.code, error.message]).toStrictEqual([
      'STORE_LAYOUT',
      expect.stringMatching(/has no Citus extension/),
    ]);
    expect(error.hint).toMatch(/CREATE EXTENSION citus.*citus_add_node.*--layout plain/);
  });

  it('puts rows of assets into shards by id, all with the daily bars, and copies the small tables', async () => {
    await run(FAKE);
    const change = await distributeByAsset(database(), 12);
    expect(await calls()).toStrictEqual([
      ...TABLES_EVERYWHERE.map((table) => `create_reference_table(${table})`),
      'create_distributed_table(cmc_price_bars_1d, id, none, 12)',
      ...TABLES_BY_ASSET.slice(1).map((table) => `create_distributed_table(${table}, id, public.cmc_price_bars_1d, -)`),
    ]);
    expect(change).toStrictEqual({
      ...{ version: 'Citus 13.2.2', servers: 2, byAsset: TABLES_BY_ASSET, everywhere: TABLES_EVERYWHERE },
      ...{ changed: [...TABLES_EVERYWHERE, ...TABLES_BY_ASSET], hadRows: [] },
    });
  });

  it('does nothing the second time, and completes what was interrupted', async () => {
    await run(FAKE);
    await distributeByAsset(database());
    const all = await calls();
    expect((await distributeByAsset(database())).changed).toStrictEqual([]);
    await run(`DELETE FROM pg_dist_partition WHERE logicalrelid = 'cmc_ema_state'::regclass`);
    expect((await distributeByAsset(database())).changed).toStrictEqual(['cmc_ema_state']);
    expect(await calls()).toStrictEqual([
      ...all,
      'create_distributed_table(cmc_ema_state, id, public.cmc_price_bars_1d, -)',
    ]);
  });

  it('tells which tables had rows, which the coordinator keeps', async () => {
    await run(FAKE);
    await database().transaction((tx) => saveAsset(tx, { id: 1, name: 'One', symbol: null }));
    expect((await distributeByAsset(database())).hadRows).toStrictEqual(['dim_assets']);
  });

  it('is refused by an older extension and for tables that are split on one server', async () => {
    await run(FAKE.replace('Citus 13.2.2', 'Citus 12.1.5'));
    expect((await storeErrorOf(() => distributeByAsset(database()))).message).toMatch(
      /Citus 13 or newer.*Citus 12\.1\.5/,
    );
    await run(
      `CREATE OR REPLACE FUNCTION citus_version() RETURNS text LANGUAGE sql AS $$ SELECT 'Citus 14.0.0 on x' $$`,
    );
    await partitionTables(database(), 2);
    expect((await storeErrorOf(() => distributeByAsset(database()))).hint).toContain('--layout plain');
    expect(await calls()).toStrictEqual([]);
  });

  it('keeps spread tables from being split', async () => {
    await run(FAKE);
    await database().session(assertOnOneServer);
    await distributeByAsset(database());
    const error = await storeErrorOf(() => database().session(assertOnOneServer));
    expect([error.code, error.hint]).toStrictEqual(['STORE_LAYOUT', expect.stringContaining('undistribute_table')]);
  });

  it.each([0, 1.5, NaN, 1025])('refuses %s shards', async (shards) => {
    expect((await storeErrorOf(() => distributeByAsset(database(), shards))).code).toBe('STORE_LAYOUT');
  });

  it('leaves the source alone: Citus distributes no table with triggers', async () => {
    await run(FAKE);
    const call = run(`SELECT create_distributed_table('cmc_price_histories7', 'id')`);
    await expect(call).rejects.toThrow('because it has triggers');
    expect([...TABLES_BY_ASSET, ...TABLES_EVERYWHERE]).not.toContain('cmc_price_histories7');
  });
}
