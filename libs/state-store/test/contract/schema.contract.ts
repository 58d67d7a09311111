import { getTableConfig, type PgColumn } from 'drizzle-orm/pg-core';
import { expect, it } from 'vitest';
import type { Database } from '../../src/connect/database.ts';
import type { StoreError } from '../../src/errors.ts';
import { assertSchema, migrate, migrationStatus, type MigrationStatus } from '../../src/migrate.ts';
import { schema, schemaFamilies } from '../../src/schema/index.ts';
import { BAR_TABLES } from '../../src/tables/bar-tables.ts';
import { DAILY_BARS, DAILY_REJECTS } from '../../src/tables/daily-tables.ts';
import { EMA_ROWS_LAYOUT, EMA_STATE_LAYOUT } from '../../src/tables/ema-tables.ts';
import { CONTRACT_VIEWS } from './contract-views.ts';
import { storeErrorOf } from './store-error.ts';

/** What migrating an untouched database twice answered. */
export interface MigrationTrace {
  readonly untouched: MigrationStatus;
  readonly refusal: StoreError;
  readonly first: { applied: string[] };
  readonly second: { applied: string[] };
}

/** One column as text, such as `id integer not null`. */
type Columns = Record<string, string>;

/** Migrations, drift between Drizzle and SQL, and the names that operators rely on. */
export function schemaContract(database: () => Database, trace: () => MigrationTrace): void {
  const TAGS = [
    ...['0000_source', '0001_dimensions', '0002_bars', '0003_emas', '0004_ops', '0005_change_key'],
    ...['0006_civil_day', '0007_import', '0008_settings', '0009_finite_change_log'],
    ...['0010_closed_emas', '0011_missing_window', '0012_market_close', '0013_packed_emas', '0014_ema_views'],
    ...['0015_slim_bars', '0016_bar_views'],
    '0020_delete_all_periods',
  ];

  it('an untouched database has every migration pending and is refused', () => {
    const { untouched, refusal } = trace();
    expect(untouched).toStrictEqual({ applied: [], pending: TAGS, newer: [] });
    expect(refusal.code).toBe('STORE_SCHEMA_MISSING');
    expect(refusal.message).toContain('has no tables yet');
    expect(refusal.hint).toContain('ta db migrate');
  });

  it('migrating applies what is pending, and migrating again does nothing', async () => {
    const { first, second } = trace();
    expect(first.applied).toStrictEqual(TAGS);
    expect(second.applied).toStrictEqual([]);
    expect(await migrationStatus(database())).toStrictEqual({ applied: TAGS, pending: [], newer: [] });
    await assertSchema(database());
  });

  it('a database migrated by a newer program is refused', async () => {
    const run = (sql: string) => database().session((s) => s.run(sql));
    await run(`INSERT INTO ta_store.__drizzle_migrations (hash, created_at) VALUES ('future', 99999999999999)`);
    try {
      for (const refused of [() => assertSchema(database()), () => migrate(database())]) {
        expect((await storeErrorOf(refused)).code).toBe('STORE_SCHEMA_NEWER');
      }
    } finally {
      await run(`DELETE FROM ta_store.__drizzle_migrations WHERE hash = 'future'`);
    }
  });

  it('a database that lacks the newest migration is refused', async () => {
    const run = (sql: string) => database().session((s) => s.run(sql));
    await run('UPDATE ta_store.__drizzle_migrations SET created_at = -created_at WHERE id = ' + TAGS.length);
    try {
      expect((await migrationStatus(database())).pending).toStrictEqual(TAGS.slice(-1));
    } finally {
      await run('UPDATE ta_store.__drizzle_migrations SET created_at = -created_at WHERE id = ' + TAGS.length);
    }
    await assertSchema(database());
  });

  it('the tables of Drizzle and the views of the contract are those of the database, column by column', async () => {
    const stored = await storedColumns(database());
    const declared = declaredRelations();
    expect(Object.keys(declared).sort()).toStrictEqual(Object.keys(stored).sort());
    expect(columnLines(declared)).toStrictEqual(columnLines(stored));
  });

  it('every COPY layout names columns of its table with their type and nullability', async () => {
    const stored = await storedColumns(database());
    const layouts = [
      ...[DAILY_BARS, DAILY_REJECTS].map(({ layout }) => layout),
      ...Object.values(BAR_TABLES).flatMap(({ rows, stateLayout }) => [rows, stateLayout]),
      EMA_ROWS_LAYOUT,
      EMA_STATE_LAYOUT,
    ];
    for (const { table, fields } of layouts) {
      for (const { column, type, nullable } of fields) {
        const [sqlType, nullability] = stored[table][column].split(' | ');
        expect({ table, column, type: COPY_TYPES[sqlType] ?? 'enum', nullable }).toStrictEqual({
          table,
          column,
          type,
          nullable: nullability === 'null',
        });
      }
    }
  });

  it('columns that a layout leaves out have a default or may be NULL', async () => {
    const stored = await storedColumns(database());
    for (const { table, layout } of [
      DAILY_BARS,
      DAILY_REJECTS,
      ...Object.values(BAR_TABLES).map(({ rows }) => ({ table: rows.table, layout: rows })),
      { table: EMA_ROWS_LAYOUT.table, layout: EMA_ROWS_LAYOUT },
    ]) {
      const written = new Set(layout.fields.map(({ column }) => column));
      const missing = Object.entries(stored[table]).filter(
        ([column, facts]) => !written.has(column) && facts.endsWith('| not null'),
      );
      expect({ table, missing }).toStrictEqual({ table, missing: [] });
    }
  });

  it('the queries of the operations guide run as they are', async () => {
    const queries = [
      'SELECT id, last_src_ts, last_run_ts, last_upserted FROM cmc_price_bars_1d_state ORDER BY last_run_ts DESC',
      'SELECT id, last_load_ts_multi, last_load_ts_cal FROM cmc_ema_refresh_state ORDER BY id',
      'DELETE FROM cmc_price_bars_1d_state WHERE id = 825',
      'DELETE FROM cmc_ema_refresh_state WHERE id = 825',
      `SELECT id, last_src_ts, EXTRACT(EPOCH FROM (now() - last_src_ts)) / 3600 as staleness_hours
       FROM cmc_price_bars_1d_state WHERE EXTRACT(EPOCH FROM (now() - last_src_ts)) / 3600 > 48
       ORDER BY staleness_hours DESC`,
      `SELECT id, COUNT(*) FILTER (WHERE is_missing_days) as gap_count FROM cmc_price_bars_1d
       GROUP BY id HAVING COUNT(*) FILTER (WHERE is_missing_days) > 0`,
      'SELECT id, COUNT(*) as reject_count FROM cmc_ema_multi_tf_rejects GROUP BY id ORDER BY reject_count DESC',
      'SELECT COUNT(*) FROM cmc_price_bars_1d WHERE id = 1234',
      'SELECT COUNT(*) FROM cmc_ema_multi_tf_u WHERE id = 1234',
    ];
    for (const query of queries) await database().session((s) => s.query(query));
  });

  it('every view of the contract answers', async () => {
    for (const name of CONTRACT_VIEWS.keys()) await database().session((s) => s.query(`SELECT * FROM ${name} LIMIT 1`));
  });

  it('EMA derivative columns are explained in the database', async () => {
    const rows = await database().session((s) =>
      s.query<{ comment: string | null }>(
        `SELECT col_description('cmc_ema_multi_tf_cal_us'::regclass, attnum) AS comment FROM pg_attribute
         WHERE attrelid = 'cmc_ema_multi_tf_cal_us'::regclass AND attname IN ('d1', 'd2', 'd1_roll', 'd2_roll')`,
      ),
    );
    expect(rows).toHaveLength(4);
    expect(rows.every(({ comment }) => (comment ?? '').length > 20)).toBe(true);
  });
}

const COPY_TYPES: Readonly<Record<string, string>> = {
  integer: 'int4',
  smallint: 'int2',
  bigint: 'int8',
  'double precision': 'float8',
  'timestamp with time zone': 'timestamptz',
  date: 'date',
  boolean: 'bool',
  text: 'text',
  'text COLLATE "C"': 'text',
  'double precision[]': 'float8[]',
  'integer[]': 'int4[]',
  jsonb: 'jsonb',
};

/** Relation → column → `type | not null` (or `default` or `null`), as the server tells it. */
async function storedColumns(database: Database): Promise<Record<string, Columns>> {
  const rows = await database.session((s) =>
    s.query<{ relation: string; column: string; facts: string }>(
      `SELECT c.relname AS relation, a.attname AS column,
         format_type(a.atttypid, a.atttypmod)
         || CASE WHEN col.collname IS NOT NULL AND col.collname <> 'default' THEN format(' COLLATE "%s"', col.collname) ELSE '' END
         || ' | ' || CASE WHEN NOT a.attnotnull THEN 'null' WHEN a.atthasdef OR a.attidentity <> '' THEN 'not null, default'
                     ELSE 'not null' END AS facts
       FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
       LEFT JOIN pg_collation col ON col.oid = a.attcollation
       WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v')
         -- partitions by hash have no names of the contract
         AND coalesce(pg_get_expr(c.relpartbound, c.oid), '') NOT LIKE '% (modulus %'`,
    ),
  );
  const relations: Record<string, Columns> = {};
  for (const { relation, column, facts } of rows) (relations[relation] ??= {})[column] = facts;
  return relations;
}

/** A line per column, so that a difference names its table. */
function columnLines(relations: Record<string, Columns>): string[] {
  return Object.entries(relations)
    .flatMap(([relation, columns]) => Object.entries(columns).map(([name, facts]) => `${relation}.${name} ${facts}`))
    .sort();
}

function declaredRelations(): Record<string, Columns> {
  const tables = [
    ...Object.values(schema),
    ...Object.values(schemaFamilies).flatMap((family) => Object.values(family)),
  ];
  const facts = tables.map((table) => {
    const { name, columns } = getTableConfig(table);
    return [name, Object.fromEntries(columns.map((column) => [column.name, factsOf(column)]))] as const;
  });
  const views = [...CONTRACT_VIEWS].map(([name, columns]) => {
    const nullable = Object.entries(columns).map(([column, type]) => [column, `${type} | null`]);
    return [name, Object.fromEntries(nullable) as Columns] as const;
  });
  return Object.fromEntries([...facts, ...views]);
}

function factsOf(column: PgColumn): string {
  const isGenerated = column.generatedIdentity !== undefined;
  if (!column.notNull) return `${column.getSQLType()} | null`;
  return `${column.getSQLType()} | ${column.hasDefault || isGenerated ? 'not null, default' : 'not null'}`;
}
