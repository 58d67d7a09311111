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
import { createTestDatabase, hasPostgres, useCatalogue, type Catalogue, type TestDatabase } from './test-database.ts';

/** Expressions that give another valid value, by type. */
const CHANGES: Readonly<Record<string, (column: string) => string>> = {
  int2: (column) => `coalesce(${column}, 0) + 10000`,
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

const EMAS = 'cmc_ema_multi_tf_u';
const BARS = 'cmc_price_bars_multi_tf_u';

/** Changes of a packed row, each by what it shows in: its values, its flag, its instant, and what its series stands for. */
const PACKED: readonly string[] = [
  ...['ema[1]', 'ema_bar[1]'].map((value) => `UPDATE ema_rows SET ${value} = ${CHANGES['float8']?.(value)} WHERE LAST`),
  'UPDATE ema_rows SET roll = NOT roll WHERE LAST',
  `UPDATE ema_rows SET ts = ts + interval '1 microsecond' WHERE LAST`,
  // the same values as another series, whose first row has no row before it
  `WITH other AS (INSERT INTO ema_series (alignment_source, tf, tf_days, periods) SELECT alignment_source, tf, tf_days, periods || 99999
     FROM ema_series WHERE series = (SELECT series FROM ema_rows WHERE LAST) RETURNING series)
   UPDATE ema_rows SET series = other.series FROM other WHERE LAST`,
  `UPDATE ema_rows SET ema = ema[1:cardinality(ema) - 1] WHERE LAST`,
  ...[`tf = tf || 'x'`, 'tf_days = tf_days + 1', 'periods[1] = periods[1] - 1'].map(
    (set) => `UPDATE ema_series SET ${set} WHERE series = (SELECT series FROM ema_rows WHERE LAST)`,
  ),
].map((sql) =>
  sql.replaceAll(
    'LAST',
    `(tableoid, ctid) = (SELECT tableoid, ctid FROM ema_rows WHERE id = 1 AND ema_bar IS NOT NULL ORDER BY ctid DESC LIMIT 1)`,
  ),
);

/** Columns of slim rows that hold content, by type. */
const SLIM_COLUMNS: Readonly<Record<string, readonly string[]>> = {
  int2: ['pos_in_bar', 'tf_days', 'count_days_remaining'],
  int4: [
    'bar_seq',
    'count_missing_days_start',
    'count_missing_days_interior',
    'open_age',
    'high_age',
    'low_age',
    'bar_anchor_offset',
  ],
  float8: ['open', 'high', 'low', 'close', 'volume', 'market_cap'],
  timestamptz: ['time_close', 'time_open', 'time_high', 'time_low', 'closed_at'],
  date: ['first_missing_day', 'last_missing_day'],
  bool: ['is_partial_start'],
  text: ['missing_days_where'],
};

/** Changes of a slim row of bars, column by column, and of what its series stands for. */
const SLIM: readonly string[] = [
  ...Object.entries(SLIM_COLUMNS).flatMap(([type, names]) =>
    names.map((name) => `UPDATE bar_rows SET ${name} = ${CHANGES[type]?.(name)} WHERE LAST`),
  ),
  'UPDATE bar_rows SET series = 999 WHERE LAST',
  ...[`tf = tf || 'x'`, 'tf_days = tf_days + 1'].map(
    (set) => `UPDATE bar_series SET ${set} WHERE series = (SELECT series FROM bar_rows WHERE LAST)`,
  ),
].map((sql) =>
  sql.replace(
    'LAST',
    `(tableoid, ctid) = (SELECT tableoid, ctid FROM bar_rows WHERE id = 1 AND series < 1000 ORDER BY ctid DESC LIMIT 1)`,
  ),
);

/** A timeframe of each family and two periods: rows of every table, and few, for they are digested once for each change. */
const CATALOGUE: Catalogue = {
  timeframes: ['1D', '2D', '1W_CAL_ISO', '1W_CAL_US', '1W_CAL_ANCHOR_ISO', '1W_CAL_ANCHOR_US'],
  periods: [1, 2],
};

/** The views among the tables, and changes of the rows that they read. */
const VIEWS = new Map([
  [EMAS, PACKED],
  [BARS, SLIM],
]);

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
    await useCatalogue(test.database, CATALOGUE);
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
    const known = [...CONTENT_TABLES.map(({ table }) => table), ...Object.keys(OTHER_TABLES)].filter(
      (name) => !VIEWS.has(name),
    );
    expect(tables.map(({ name }) => name)).toEqual(known.sort());
  });

  it('leaves out only columns that there are', async () => {
    const found = await test.database.session((session) =>
      session.query<{ place: string }>(
        `SELECT table_name || '.' || column_name AS place FROM information_schema.columns WHERE table_schema = 'public'`,
      ),
    );
    const places = new Set(found.map(({ place }) => place));
    const left = CONTENT_TABLES.flatMap(({ table, without, storedIn }) =>
      Object.keys(without).map((name) => (storedIn?.tables ?? [table]).map((stored) => `${stored}.${name}`)),
    );
    expect(left.filter((some) => !some.some((place) => places.has(place)))).toEqual([]);
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
    const change = async (table: string, sql: string) => {
      const tables = await undone(test, async (tx) => {
        expect(await tx.run(sql), sql).toBe(1);
        return differingTables(before, await digestOf(tx));
      });
      if (tables.join() !== table) unnoticed.push(sql);
    };
    let changes = 0;
    for (const [view, changesOfRows] of VIEWS) for (const sql of changesOfRows) await change(view, sql);
    for (const [table, names] of columns) {
      for (const { name } of VIEWS.has(table) ? [] : names) {
        const { type } = types.find((row) => row.table === table && row.name === name) as { type: string };
        const sql = changeSql(table, name, type);
        if (sql === null) continue;
        await change(table, sql);
        changes++;
      }
    }
    expect(unnoticed).toEqual([]);
    // all columns but those of views
    const stored = [...columns].filter(([table]) => !VIEWS.has(table)).flatMap(([, names]) => names);
    expect(changes).toBe(stored.length);
    // and every column of slim rows but when they were written, whose they are, and their series, which is among the changes
    const slim = types.filter(({ table }) => table === 'bar_rows').map(({ name }) => name);
    expect([...Object.values(SLIM_COLUMNS).flat(), 'id', 'ingested_at', 'series'].sort()).toEqual(slim.sort());
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
