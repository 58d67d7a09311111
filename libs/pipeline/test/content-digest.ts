import { RESUME_SQL, type Session } from '@ta/state-store';

/**
 * What a database says about prices, as opposed to when and by which run it was written. Two databases are equal when
 * the content of every table below is equal, bit for bit.
 */
export interface ContentTable {
  readonly table: string;
  /** Columns that put the rows into one order; they are unique together, given the id. */
  readonly key: readonly string[];
  /** Columns that are no content, each with the reason. */
  readonly without: Readonly<Record<string, string>>;
  /**
   * The tables that a view reads, joined, where the view makes its values of nothing else: what is equal in them is equal in it.
   * Two series of a timeframe differ in their periods, so that equal rows have equal neighbours as well.
   */
  readonly storedIn?: { readonly tables: readonly string[]; readonly sql: string };
}

const WRITTEN_AT = 'when the row was written';
const LAST_RUN = 'counts what the latest run did, not what is stored';
const BUILD_STAMP = 'names a build, to be compared for equality inside one database';
const REVISION = 'counts changes since the latest full build, hence depends on the path';

const BAR_STATES = [
  'multi_tf',
  'multi_tf_cal_iso',
  'multi_tf_cal_us',
  'multi_tf_cal_anchor_iso',
  'multi_tf_cal_anchor_us',
];

/**
 * Every table that a refresh writes. The views of all bars and of all EMAs stand for the rows that they read; of EMAs these rows
 * are compared, for the view looks up the rows before each value, which takes ten times as long as all the rest.
 */
export const CONTENT_TABLES: readonly ContentTable[] = [
  { table: 'cmc_price_bars_1d', key: ['timestamp'], without: { updated_at: WRITTEN_AT } },
  { table: 'cmc_price_bars_1d_rejects', key: ['timestamp'], without: { rejected_at: WRITTEN_AT } },
  {
    table: 'cmc_price_bars_1d_state',
    key: [],
    without: {
      last_run_ts: WRITTEN_AT,
      last_upserted: LAST_RUN,
      last_repaired_timehigh: LAST_RUN,
      last_repaired_timelow: LAST_RUN,
      last_rejected: LAST_RUN,
      full_built_at: BUILD_STAMP,
      revision: REVISION,
    },
  },
  {
    table: 'cmc_price_bars_multi_tf_u',
    key: ['alignment_source', 'time_close', 'tf'],
    without: { ingested_at: WRITTEN_AT },
  },
  ...BAR_STATES.map((family) => ({
    table: `cmc_price_bars_${family}_state`,
    key: ['tf'],
    without: {
      src_full_built_at: BUILD_STAMP,
      full_built_at: BUILD_STAMP,
      src_revision: REVISION,
      updated_at: WRITTEN_AT,
    },
  })),
  {
    table: 'cmc_price_bars_multi_tf_rejects',
    key: ['table_name', 'tf', 'bar_seq', 'timestamp', 'violation_type'],
    without: { created_at: WRITTEN_AT },
  },
  {
    table: 'cmc_ema_multi_tf_u',
    key: ['alignment_source', 'tf', 'tf_days', 'periods', 'ts'],
    without: { ingested_at: WRITTEN_AT, series: 'numbers what tf and periods say, in the order in which they came' },
    storedIn: { tables: ['ema_rows', 'ema_series'], sql: 'ema_rows JOIN ema_series USING (series)' },
  },
  {
    table: 'cmc_ema_state',
    key: ['alignment_source', 'tf'],
    without: {
      daily_full_built_at: BUILD_STAMP,
      bars_full_built_at: BUILD_STAMP,
      reset_stamp: BUILD_STAMP,
      src_revision: REVISION,
      updated_at: WRITTEN_AT,
    },
  },
  { table: 'cmc_ema_refresh_state', key: [], without: { built_at: BUILD_STAMP, updated_at: WRITTEN_AT } },
  {
    table: 'ema_rejects',
    key: ['table_name', 'tf', 'period', 'timestamp', 'violation_type', 'series'],
    without: {
      created_at: WRITTEN_AT,
      last_seen_at: WRITTEN_AT,
      hits: 'counts the runs that met the value',
      run_id: 'names the run that met the value',
    },
  },
];

/** Tables of the schema that hold no content of a refresh, each with the reason. */
export const OTHER_TABLES: Readonly<Record<string, string>> = {
  cmc_price_histories7: 'input',
  cmc_price_histories7_changes: 'log of edits not taken in yet: empty of an id after its refresh',
  cmc_price_bars_1d_revisions: REVISION,
  bar_rows: 'read by cmc_price_bars_multi_tf_u',
  bar_series: 'read by cmc_price_bars_multi_tf_u',
  ema_rows: 'stands for cmc_ema_multi_tf_u',
  ema_series: 'stands for cmc_ema_multi_tf_u',
  dim_assets: 'input',
  dim_holidays: 'input',
  dim_timeframe: 'input',
  dim_period: 'input',
  ema_alpha_lookup: 'input',
  import_profiles: 'input',
  ops_settings: 'settings of the whole database',
  ops_runs: 'history of runs',
  ops_run_items: 'history of runs',
  ops_alerts: 'history of runs',
  ops_validation_results: 'history of runs',
};

/** One content column: its name, and the expression under which it is read the same in every database. */
interface ContentColumn {
  readonly name: string;
  readonly sql: string;
}

/** The content columns of each table, in a fixed order; asked of the catalogue, so that a new column is compared too. */
export type ContentColumns = ReadonlyMap<string, readonly ContentColumn[]>;

/** The number of an enum type differs from database to database; the seal of a state covers stamps and revision. */
const READ_AS: Readonly<Record<string, string>> = { resume: RESUME_SQL };

/** Reads which columns there are. */
export async function readContentColumns(session: Session): Promise<ContentColumns> {
  const rows = await session.query<{ table: string; name: string; isEnum: boolean }>(
    `SELECT c.relname AS "table", a.attname AS name, t.typtype = 'e' AS "isEnum"
     FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_type t ON t.oid = a.atttypid
     WHERE c.relnamespace = 'public'::regnamespace AND a.attnum > 0 AND NOT a.attisdropped ORDER BY 1, 2`,
  );
  return new Map(
    CONTENT_TABLES.map(({ table, without, storedIn }) => [
      table,
      rows
        .filter(
          (row) => (storedIn?.tables ?? [table]).includes(row.table) && row.name !== 'id' && !(row.name in without),
        )
        .map(({ name, isEnum }) => ({ name, sql: isEnum ? `"${name}"::text` : (READ_AS[name] ?? `"${name}"`) })),
    ]),
  );
}

/** Digest of the content of one id, by table; a table without rows of the id is absent. */
export type ContentDigest = ReadonlyMap<string, string>;

/**
 * Digests what a database holds of some ids, whatever their numbers are. The digest covers the binary form in which both
 * engines send values (doubles as 8 bytes, instants as microseconds), so equal digests mean equal bits.
 */
export async function digestContent(
  session: Session,
  columns: ContentColumns,
  ids: readonly number[],
): Promise<ReadonlyMap<number, ContentDigest>> {
  const selects = CONTENT_TABLES.map(({ table, key, storedIn }) => {
    const row = columnsOf(columns, table).map(({ sql }) => sql);
    const order = key.length === 0 ? '' : `ORDER BY ${key.map((name) => `"${name}"`).join(', ')}`;
    return `SELECT '${table}' AS "table", id, md5(string_agg(md5(record_send(ROW(${row.join(', ')}))), '' ${order})) AS digest
      FROM ${storedIn?.sql ?? table} WHERE id IN (${ids.map(Math.trunc).join(', ')}) GROUP BY id`;
  });
  const rows = await session.query<{ table: string; id: number; digest: string }>(selects.join('\nUNION ALL '));
  const ofId = (id: number) => rows.filter((row) => row.id === id).map(({ table, digest }) => [table, digest] as const);
  return new Map(ids.map((id) => [id, new Map(ofId(id))]));
}

/** Tables in which two digests differ. */
export function differingTables(left: ContentDigest, right: ContentDigest): string[] {
  return CONTENT_TABLES.map(({ table }) => table).filter((table) => left.get(table) !== right.get(table));
}

/** The content of one table and id as text, one line a row with every bit of its numbers, to be shown when it differs. */
export async function contentLines(
  session: Session,
  columns: ContentColumns,
  table: string,
  id: number,
): Promise<string[]> {
  const { key, storedIn } = CONTENT_TABLES.find((candidate) => candidate.table === table) as ContentTable;
  const order = key.length === 0 ? '' : `ORDER BY ${key.map((name) => `"${name}"`).join(', ')}`;
  const select = columnsOf(columns, table)
    .map(({ name }) => `"${name}"`)
    .join(', ');
  const rows = await session.query<{ line: string }>(
    `SELECT row_to_json(content)::text AS line FROM (SELECT ${select} FROM ${storedIn?.sql ?? table} WHERE id = ${Math.trunc(id)} ${order}) content`,
  );
  return rows.map((row) => row.line);
}

function columnsOf(columns: ContentColumns, table: string): readonly ContentColumn[] {
  return columns.get(table) as readonly ContentColumn[];
}
