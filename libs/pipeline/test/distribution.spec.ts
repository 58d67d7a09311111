import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  distributeByAsset,
  partitionTables,
  TABLES_BY_ASSET,
  TABLES_EVERYWHERE,
  type Database,
  type Session,
} from '@ta/state-store';
import { storageOf } from './ema-edits.ts';
import { CONTENT_TABLES, digestContent, readContentColumns, type ContentDigest } from './content-digest.ts';
import { applyEdit } from './history/apply-edit.ts';
import { disturbedHistory, editedHistory } from './history/arbitrary-history.ts';
import type { Edit } from './history/edit.ts';
import { performRun } from './history/perform-run.ts';
import { plainDays } from './history/plain-days.ts';
import type { Run } from './history/run.ts';
import { playRandom, stagesForTests } from './history/stage.ts';
import { createTestDatabase, hasPostgres, SMALL_CATALOGUE, useCatalogue, type TestDatabase } from './test-database.ts';

/** Histories of each kind, others in every run; `make soak` plays 20. */
const HISTORIES = Number(process.env['TA_HISTORIES'] ?? 2);

/** Tables with rows of assets: what a database has to hold together when it is spread over machines by `id`. */
const TABLES_OF_ASSETS = [
  ...CONTENT_TABLES.map(({ table }) => storageOf(table)),
  ...['cmc_price_histories7', 'cmc_price_histories7_changes', 'cmc_price_bars_1d_revisions'],
];

describe.skipIf(!hasPostgres())('a database with the big tables in 4 partitions by id', () => {
  const stages = stagesForTests(1, { engine: 'postgres', partitions: 4 });

  it('holds after every refresh of a history what a whole one holds after a full build', async () => {
    await playRandom(stages, editedHistory({ runs: 2, realFiles: 0 }), HISTORIES);
  }, 300_000);

  it('and after runs that broke', async () => {
    await playRandom(stages, disturbedHistory({ runs: 2, realFiles: 0 }, 'postgres'), HISTORIES);
    expect(stages[0]?.played.histories).toBe(2 * HISTORIES);
  }, 300_000);
});

const FAKE_CITUS = readFileSync(
  path.resolve(import.meta.dirname, '../../state-store/test/fixtures/fake-citus.sql'),
  'utf8',
);

/** What `ta db migrate --layout` does; the functions of the extension are a fake, which moves nothing. */
const LAYOUTS: Readonly<Record<string, (database: Database) => Promise<unknown>>> = {
  plain: async () => undefined,
  partitioned: (database) => partitionTables(database, 3),
  async citus(database) {
    await database.session((session) => session.run(FAKE_CITUS));
    await distributeByAsset(database);
  },
};

describe.skipIf(!hasPostgres())('the layouts', () => {
  const world = { ids: [1, 2], series: [], zone: 'UTC' };
  const DAYS: readonly (readonly Edit[])[] = [
    [plainDays(0, 30), plainDays(1, 24)],
    [plainDays(0, 1), plainDays(1, 1)],
    [plainDays(0, 1), { edit: 'correct', asset: 0, at: 500, rows: 2, set: 'close = close * 1.001' }],
    [plainDays(1, 1), { edit: 'correct', asset: 1, at: 400, rows: 1, set: 'open = NULL' }],
    [plainDays(0, 1), { edit: 'delete', asset: 1, at: 700, rows: 2 }],
  ];

  // but for the times at which the source was loaded, which differ between databases
  it('hold equal tables after the same days, corrections, rejects and deletions', async () => {
    const held = new Map<string, ReadonlyMap<number, ContentDigest>>();
    for (const [name, layOut] of Object.entries(LAYOUTS)) {
      const { database, drop } = await createTestDatabase('postgres');
      try {
        await useCatalogue(database, SMALL_CATALOGUE);
        await layOut(database);
        for (const [day, edits] of DAYS.entries()) {
          for (const change of edits) await database.transaction((tx) => applyEdit(tx, world, change));
          await performRun(database, world, { run: 'full', concurrency: 3, lookbackDays: 3 }, `day ${day}`);
        }
        const digest = database.session(async (session) => {
          const columns = [...(await readContentColumns(session))].map(
            ([table, all]) => [table, all.filter(({ name }) => !name.endsWith('load_ts'))] as const,
          );
          return digestContent(session, new Map(columns), world.ids);
        });
        held.set(name, await digest);
      } finally {
        await drop();
      }
    }
    const plain = held.get('plain') as ReadonlyMap<number, ContentDigest>;
    expect(plain.get(1)?.size).toBeGreaterThan(10);
    expect(held.get('partitioned')).toStrictEqual(plain);
    expect(held.get('citus')).toStrictEqual(plain);
  });
});

describe.skipIf(!hasPostgres())('what spreading over machines by id demands', () => {
  const world = { ids: [1, 2], series: [], zone: 'UTC' };
  let test: TestDatabase;
  const ask = <R>(sql: string, params: readonly unknown[] = []) =>
    test.database.session((session) => session.query<R>(sql, params));
  const edit = async (...edits: readonly Edit[]) => {
    for (const change of edits) await test.database.transaction((tx) => applyEdit(tx, world, change));
  };

  beforeAll(async () => {
    test = await createTestDatabase('postgres');
    await useCatalogue(test.database, SMALL_CATALOGUE);
    await edit(plainDays(0, 30), plainDays(1, 30));
  });
  afterAll(() => test.drop());

  it('every table of the schema with a column id is one of them, but for the history of runs', async () => {
    const rows = await ask<{ name: string }>(
      `SELECT c.relname AS name FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'id'
       WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition ORDER BY 1`,
    );
    const others = ['dim_assets', 'ops_run_items', 'ops_validation_results'];
    expect(rows.map(({ name }) => name)).toStrictEqual([...TABLES_OF_ASSETS, ...others].sort());
    const onOneServer = ['cmc_price_histories7', 'cmc_price_histories7_changes'];
    expect([...TABLES_BY_ASSET, ...onOneServer].sort()).toStrictEqual([...TABLES_OF_ASSETS].sort());
  });

  it('every dimension is copied to every server', async () => {
    const rows = await ask<{ name: string }>(
      `SELECT relname AS name FROM pg_class
       WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relname ~ '^dim_|_lookup$|^(ema|bar)_series$' ORDER BY 1`,
    );
    expect(rows.map(({ name }) => name)).toStrictEqual([...TABLES_EVERYWHERE].sort());
  });

  const uniqueKeys = () =>
    ask<{ table: string; name: string; columns: string[] }>(
      `SELECT coalesce(parent.relname, c.relname) AS "table", i.indexrelid::regclass::text AS name,
         (SELECT array_agg(a.attname::text) FROM pg_attribute a
          WHERE a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey::int2[])) AS columns
       FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid LEFT JOIN pg_inherits h ON h.inhrelid = c.oid
       LEFT JOIN pg_class parent ON parent.oid = h.inhparent
       WHERE i.indisunique AND coalesce(parent.relname, c.relname) = ANY($1::text[]) ORDER BY 2`,
      [TABLES_OF_ASSETS],
    );

  it('every primary and unique key of these tables contains the id', async () => {
    const keys = await uniqueKeys();
    expect(new Set(keys.map(({ table }) => table))).toStrictEqual(new Set(TABLES_OF_ASSETS));
    expect(keys.filter(({ columns }) => !columns.includes('id'))).toStrictEqual([]);
  });

  it('every unique key of bars and EMAs contains the time, but for those that number the bars', async () => {
    const times = ['timestamp', 'time_close', 'ts'];
    const isSeries = (table: string) => /bars_1d$|^(ema|bar)_rows$/.test(table);
    const without = (await uniqueKeys())
      .filter(({ table, columns }) => isSeries(table) && !times.some((time) => columns.includes(time)))
      .map(({ name }) => name);
    expect(without).toStrictEqual([
      ...['cal_anchor_iso', 'cal_anchor_us', 'cal_iso', 'cal_us', 'multi_tf'].map(
        (family) => `bar_rows_${family}_closed_seq`,
      ),
      'cmc_price_bars_1d_bar_seq',
    ]);
  });

  it('no foreign key leaves an asset', async () => {
    const rows = await ask<{ name: string }>(
      `SELECT conname AS name FROM pg_constraint WHERE contype = 'f' AND conrelid::regclass::text = ANY($1::text[])`,
      [TABLES_OF_ASSETS],
    );
    expect(rows).toStrictEqual([]);
  });

  // Triggers note the transaction and the id of every row that is written, whatever it was written by.
  it('no transaction of a refresh writes rows of two assets', async () => {
    await test.database.session((session) => watchWrites(session));
    const runs: Run[] = [
      { run: 'full', concurrency: 1, lookbackDays: 3 },
      { run: 'full', concurrency: 3, lookbackDays: 3 },
      { run: 'rebuild', asset: 0 },
    ];
    for (const run of runs) {
      await edit(plainDays(0, 2), plainDays(1, 2));
      await ask('DELETE FROM written RETURNING id');
      await performRun(test.database, world, run, run.run);
      const [{ rows, assets, mixed }] = await ask<{ rows: number; assets: number; mixed: number }>(
        `SELECT count(*)::int AS rows, count(DISTINCT id)::int AS assets,
           (SELECT count(*)::int FROM (SELECT tx FROM written GROUP BY tx HAVING count(DISTINCT id) > 1) t) AS mixed
         FROM written`,
      );
      expect([rows > 0, assets, mixed]).toStrictEqual([true, run.run === 'rebuild' ? 1 : 2, 0]);
    }
  });
});

async function watchWrites(session: Session): Promise<void> {
  await session.run(`CREATE TABLE written (tx xid8, id int, PRIMARY KEY (tx, id));
    CREATE FUNCTION note_write() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      INSERT INTO written SELECT pg_current_xact_id(), coalesce(NEW.id, OLD.id) ON CONFLICT DO NOTHING;
      RETURN NULL;
    END $$`);
  for (const table of TABLES_OF_ASSETS) {
    await session.run(
      `CREATE TRIGGER noted AFTER INSERT OR UPDATE OR DELETE ON ${table} FOR EACH ROW EXECUTE FUNCTION note_write()`,
    );
  }
}
