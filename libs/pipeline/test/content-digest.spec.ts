import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Session } from '@ta/state-store';
import {
  CONTENT_TABLES,
  differingTables,
  digestContent,
  OTHER_TABLES,
  readContentColumns,
  type ContentColumns,
  type ContentDigest,
} from './content-digest.ts';
import { applyEdit } from './history/apply-edit.ts';
import type { Edit } from './history/edit.ts';
import { performRun } from './history/perform-run.ts';
import type { PriceRow } from './history/price-row.ts';
import { createTestDatabase, hasPostgres, SMALL_CATALOGUE, useCatalogue, type TestDatabase } from './test-database.ts';

/** Expressions that give another valid value, by type. */
const CHANGES: Readonly<Record<string, (column: string) => string>> = {
  // far enough not to meet a unique neighbour
  int4: (column) => `coalesce(${column}, 0) + 1000000`,
  int8: (column) => `coalesce(${column}, 0) + 1000000`,
  // the smallest change there is: the next double
  float8: (column) => `coalesce(${column}, 0) + greatest(abs(coalesce(${column}, 0)) * 2.3e-16, 5e-324)`,
  bool: (column) => `NOT coalesce(${column}, false)`,
  text: (column) => `coalesce(${column}, '') || 'x'`,
  timestamptz: (column) => `coalesce(${column}, 'epoch') + interval '1 microsecond'`,
  date: (column) => `coalesce(${column}, '2024-01-01') + 1`,
  _float8: (column) => `${column} || '-0'::float8`,
  _int4: (column) => `${column} || 7`,
  jsonb: (column) => `${column} || '{"x": 1}'`,
};

/** Columns whose values a constraint or the partitioning fixes: the digest of these is compared with another value here. */
const FIXED: Readonly<Record<string, string>> = {
  'ema_rejects.series': `CASE series WHEN 'ema' THEN 'ema_bar' ELSE 'ema' END`,
  'ema_rejects.alignment_source': `CASE alignment_source WHEN 'multi_tf' THEN 'multi_tf_v2' ELSE 'multi_tf' END::ema_alignment_source`,
  'cmc_ema_state.alignment_source': `CASE WHEN tf LIKE '%CAL%' THEN 'multi_tf' ELSE 'multi_tf_cal_us' END::ema_alignment_source`,
};

/** A change of one row of a table that keeps all keys unique. */
function changeSql(table: string, name: string, type: string): string | null {
  const fixed = FIXED[`${table}.${name}`];
  const change = fixed ?? CHANGES[type]?.(`"${name}"`);
  if (change === undefined) return null;
  const last = `(SELECT tableoid, ctid FROM ${table} WHERE id = 1 ORDER BY tableoid DESC, ctid DESC LIMIT 1)`;
  return `UPDATE ${table} SET "${name}" = ${change} WHERE id = 1 AND (tableoid, ctid) = ${last}`;
}

const days = (shape: PriceRow['shape'], count: number): Edit => ({
  edit: 'append',
  asset: 0,
  rows: Array.from({ length: count }, (_, i) => ({
    afterDays: 1 + (i % 5 === 4 ? 1 : 0),
    closesAt: 'end' as const,
    shape,
    open: 70,
    close: 60 + (i % 9),
    reach: 1,
  })),
});

describe('the content of a database', () => {
  let test: TestDatabase;
  let columns: ContentColumns;
  const world = { ids: [1, 2], series: [], zone: 'UTC' };

  beforeAll(async () => {
    test = await createTestDatabase(hasPostgres() ? 'postgres' : 'pglite');
    await useCatalogue(test.database, SMALL_CATALOGUE);
    columns = await test.database.session(readContentColumns);
    const edits = [days('plain', 12), days('no_open', 1), days('no_volume', 8), days('negative', 3), days('plain', 20)];
    for (const edit of edits) await test.database.transaction((tx) => applyEdit(tx, world, edit));
    await performRun(test.database, world, { run: 'full', concurrency: 1, lookbackDays: 3 }, 'the first run');
    // the guard of multi-day bars has nothing to say about rows that the 1D rules let through
    await test.database.session((session) =>
      session.run(`INSERT INTO cmc_price_bars_multi_tf_rejects (table_name, id, tf, bar_seq, "timestamp", violation_type, repair_action)
        VALUES ('cmc_price_bars_multi_tf', 1, '2D', 1, now(), 'high_lt_low', 'values_will_be_clamped')`),
    );
    // nor does any right input lead to an EMA outside of its bounds
    await test.database.session((session) =>
      session.run(`INSERT INTO ema_rejects (table_name, alignment_source, id, tf, period, "timestamp", series, ema_value, violation_type, source_bar_close)
        VALUES ('cmc_ema_multi_tf', 'multi_tf', 1, '2D', 9, now(), 'ema', 1, 'out_of_price_bounds', 2)`),
    );
  });
  afterAll(() => test.drop());

  it('takes in every table of the schema, or names why not', async () => {
    const tables = await test.database.session((session) =>
      session.query<{ name: string }>(
        `SELECT relname AS name FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
         AND NOT relispartition ORDER BY 1`,
      ),
    );
    const known = [...CONTENT_TABLES.map(({ table }) => table), ...Object.keys(OTHER_TABLES)];
    expect(tables.map(({ name }) => name)).toEqual(known.sort());
  });

  it('leaves out only columns that there are', async () => {
    const found = await test.database.session((session) =>
      session.query<{ place: string }>(
        `SELECT table_name || '.' || column_name AS place FROM information_schema.columns WHERE table_schema = 'public'`,
      ),
    );
    const places = new Set(found.map(({ place }) => place));
    const left = CONTENT_TABLES.flatMap(({ table, without }) => Object.keys(without).map((name) => `${table}.${name}`));
    expect(left.filter((place) => !places.has(place))).toEqual([]);
  });

  it('has rows in every table here, so that the next test means something', async () => {
    const digest = await test.database.session((session) => digestContent(session, columns, [1]));
    expect([...(digest.get(1)?.keys() ?? [])].sort()).toEqual(CONTENT_TABLES.map(({ table }) => table).sort());
  });

  it('is another one when one value of one row changes, were it by one bit, in any column of any table', async () => {
    const types = await test.database.session((session) =>
      session.query<{ table: string; name: string; type: string }>(
        `SELECT table_name AS "table", column_name AS name, udt_name AS type FROM information_schema.columns WHERE table_schema = 'public'`,
      ),
    );
    const digestOf = async (session: Session) => (await digestContent(session, columns, [1])).get(1) as ContentDigest;
    const before = await test.database.session(digestOf);
    const unnoticed: string[] = [];
    let changes = 0;
    for (const [table, names] of columns) {
      for (const { name } of names) {
        const { type } = types.find((row) => row.table === table && row.name === name) as { type: string };
        const sql = changeSql(table, name, type);
        if (sql === null) continue;
        const tables = await undone(test, async (tx) => {
          expect(await tx.run(sql), sql).toBe(1);
          return differingTables(before, await digestOf(tx));
        });
        changes++;
        if (tables.join() !== table) unnoticed.push(`${table}.${name}`);
      }
    }
    expect(unnoticed).toEqual([]);
    // all columns but the partition key of the two unified tables
    expect(changes).toBe([...columns.values()].flat().length - 2);
  });
});

/** Runs something in a transaction that is rolled back. */
async function undone<T>(test: TestDatabase, fn: (tx: Session) => Promise<T>): Promise<T> {
  let result: T | undefined;
  const stop = new Error('roll back');
  await test.database
    .transaction(async (tx) => {
      result = await fn(tx);
      throw stop;
    })
    .catch((error: unknown) => {
      if (error !== stop) throw error;
    });
  return result as T;
}
