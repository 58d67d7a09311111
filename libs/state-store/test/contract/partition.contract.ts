import { beforeAll, expect, it } from 'vitest';
import type { Database, Session } from '../../src/connect/database.ts';
import { migrate } from '../../src/migrate.ts';
import { partitionTables, readPartitions } from '../../src/partition.ts';
import { BAR_TABLES } from '../../src/tables/bar-tables.ts';
import { storeEmas } from './emas.contract.ts';
import { storeErrorOf } from './store-error.ts';
import { storeSnapshots } from './stored-bars.ts';
import type { TheDatabase } from './test-engines.ts';

const IDS = [1, 2, 3, 4, 5, 6, 7, 8];
const TABLES = [...Object.values(BAR_TABLES).map(({ rows }) => rows.table), 'ema_rows'];

/** What splitting the big tables by id does to a database, and what it leaves alone. */
export function partitionContract(test: TheDatabase): void {
  const database = (): Database => test().database;
  const ask = <R>(sql: string) => database().session((session) => session.query<R>(sql));

  beforeAll(async () => {
    await migrate(database());
  });

  it('a migrated database is whole, and 1 partition is that', async () => {
    expect(await database().session(readPartitions)).toBe(1);
    expect(await partitionTables(database(), 1)).toStrictEqual({ tables: 0, rows: 0 });
  });

  it('splits, splits otherwise and makes whole again, with every row, column, default, index and comment', async () => {
    for (const id of IDS) {
      await database().transaction((tx) => storeSnapshots(tx, id, 'cal_iso', 0, 12));
      await storeEmas(database(), id, 'multi_tf_cal_us', 3);
    }
    const packed = IDS.length * 3;
    const emas = await ask('SELECT * FROM cmc_ema_multi_tf_cal_us ORDER BY id, ts, period');
    const before = await database().session(describe);
    const rows = await ask('SELECT * FROM cmc_price_bars_multi_tf_u ORDER BY id, time_close, tf');
    for (const partitions of [4, 3, 1]) {
      expect(await partitionTables(database(), partitions)).toStrictEqual({ tables: 6, rows: rows.length + packed });
      expect(await database().session(readPartitions)).toBe(partitions);
      expect(await partitionTables(database(), partitions)).toStrictEqual({ tables: 0, rows: 0 });
      expect(await ask('SELECT * FROM cmc_price_bars_multi_tf_u ORDER BY id, time_close, tf')).toStrictEqual(rows);
      expect(await ask('SELECT * FROM cmc_ema_multi_tf_cal_us ORDER BY id, ts, period')).toStrictEqual(emas);
      expect(await database().session(describe)).toStrictEqual(before);
      expect(await ask('SELECT DISTINCT tableoid FROM ema_rows')).toHaveLength(partitions);
      const filled = await ask('SELECT DISTINCT tableoid::int AS part FROM bar_rows');
      expect(filled).toHaveLength(partitions);
    }
  });

  it('a query of one id opens one partition', async () => {
    await partitionTables(database(), 4);
    const plan = await ask<Record<string, string>>(
      'EXPLAIN DELETE FROM cmc_price_bars_multi_tf_cal_iso WHERE id = 3 AND time_close >= now()',
    );
    const named = new Set(
      plan.flatMap(
        (line) =>
          Object.values(line)
            .join()
            .match(/cal_iso_h4_\d/g) ?? [],
      ),
    );
    expect(named.size).toBe(1);
  });

  it('completes what was interrupted', async () => {
    await database().session(makeOneWhole);
    expect(await database().session(readPartitions)).toBeNull();
    expect((await partitionTables(database(), 4)).tables).toBe(1);
    expect(await database().session(readPartitions)).toBe(4);
  });

  it('leaves a table alone on which somebody’s view depends, and says so', async () => {
    await database().session((s) => s.run('CREATE VIEW mine AS SELECT id FROM bar_rows_cal_us'));
    const before = await database().session(describe);
    const error = await storeErrorOf(() => partitionTables(database(), 2));
    expect([error.code, error.message]).toStrictEqual(['STORE_QUERY', expect.stringMatching(/cannot drop table/)]);
    expect(await database().session(describe)).toStrictEqual(before);
    await database().session((s) => s.run('DROP VIEW mine'));
    await partitionTables(database(), 1);
  });

  it.each([0, 1.5, NaN, 257, -2])('refuses %s partitions', async (partitions) => {
    expect((await storeErrorOf(() => partitionTables(database(), partitions))).code).toBe('STORE_CONFIG');
  });

  /** Makes one table whole again, as if the splitting had stopped before it. */
  async function makeOneWhole(session: Session): Promise<void> {
    await session.run(`ALTER TABLE bar_rows DETACH PARTITION bar_rows_multi_tf;
      ALTER TABLE bar_rows_multi_tf RENAME TO bars_split;
      CREATE TABLE bar_rows_multi_tf (LIKE bars_split INCLUDING ALL EXCLUDING INDEXES);
      DROP TABLE bars_split;
      ALTER TABLE bar_rows ATTACH PARTITION bar_rows_multi_tf FOR VALUES FROM (0) TO (1000)`);
  }
}

/** Columns, defaults, comments, constraints and indexes of the tables of the contract, as the server tells them. */
async function describe(session: Session): Promise<unknown> {
  const columns = `SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod) AS type, a.attnotnull, a.attnum,
      pg_get_expr(d.adbin, d.adrelid) AS default_value, col_description(c.oid, a.attnum) AS comment
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
    LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum WHERE c.relname = ANY($1::text[]) ORDER BY 1, 2`;
  const indexes = `SELECT replace(indexdef, ' ON ONLY ', ' ON ') AS definition FROM pg_indexes
    WHERE tablename = ANY($1::text[]) ORDER BY 1`;
  const constraints = `SELECT conrelid::regclass::text AS "table", conname, pg_get_constraintdef(oid) AS definition
    FROM pg_constraint WHERE contype IN ('p', 'u', 'c') AND conrelid::regclass::text = ANY($1::text[]) ORDER BY 1, 2`;
  const parents = `SELECT inhparent::regclass::text AS parent, pg_get_expr(relpartbound, c.oid) AS bound
    FROM pg_inherits JOIN pg_class c ON c.oid = inhrelid WHERE c.relname = ANY($1::text[]) ORDER BY 1, 2`;
  const facts: unknown[] = [];
  for (const sql of [columns, indexes, constraints, parents]) facts.push(await session.query(sql, [TABLES]));
  return facts;
}
