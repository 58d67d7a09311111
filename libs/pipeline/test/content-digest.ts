import { createHash } from 'node:crypto';
import type { Session } from '@ta/state-store';

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

/** Every table that a refresh writes. The partitioned parents stand for their partitions. */
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
    key: ['alignment_source', 'ts', 'tf', 'period'],
    without: { ingested_at: WRITTEN_AT },
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
  dim_assets: 'input',
  dim_timeframe: 'input',
  dim_period: 'input',
  ema_alpha_lookup: 'input',
  ops_runs: 'history of runs',
  ops_run_items: 'history of runs',
  ops_alerts: 'history of runs',
  ops_validation_results: 'history of runs',
  ta_migrations: 'schema version',
};

/** The content columns of each table, in a fixed order; asked of the catalogue, so that a new column is compared too. */
export type ContentColumns = ReadonlyMap<string, readonly string[]>;

/** Reads which columns there are. */
export async function readContentColumns(session: Session): Promise<ContentColumns> {
  const rows = await session.query<{ table: string; column: string }>(
    `SELECT c.relname AS "table", a.attname AS "column" FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
     WHERE c.relnamespace = 'public'::regnamespace AND a.attnum > 0 AND NOT a.attisdropped ORDER BY 1, 2`,
  );
  return new Map(
    CONTENT_TABLES.map(({ table, without }) => [
      table,
      rows
        .filter((row) => row.table === table && row.column !== 'id' && !(row.column in without))
        .map((row) => row.column),
    ]),
  );
}

/** Digest of the content of one id, by table. */
export type ContentDigest = ReadonlyMap<string, string>;

/**
 * Digests what a database holds of one id, whatever the id's number is. The digest covers the binary form in which both
 * engines send values (doubles as 8 bytes, instants as microseconds), so equal digests mean equal bits.
 */
export async function digestContent(session: Session, columns: ContentColumns, id: number): Promise<ContentDigest> {
  const digests = new Map<string, string>();
  for (const content of CONTENT_TABLES) {
    const hash = createHash('sha256');
    const select = contentSql(content, columns.get(content.table) as readonly string[], id);
    for await (const bytes of session.copyOut(`COPY (${select}) TO STDOUT WITH (FORMAT binary)`)) hash.update(bytes);
    digests.set(content.table, hash.digest('hex'));
  }
  return digests;
}

/** Tables in which two digests differ. */
export function differingTables(left: ContentDigest, right: ContentDigest): string[] {
  return [...left.keys()].filter((table) => left.get(table) !== right.get(table));
}

/** The content of one table and id as text, one line a row with every bit of its numbers, to be shown when it differs. */
export async function contentLines(
  session: Session,
  columns: ContentColumns,
  table: string,
  id: number,
): Promise<string[]> {
  const content = CONTENT_TABLES.find((candidate) => candidate.table === table) as ContentTable;
  const select = contentSql(content, columns.get(table) as readonly string[], id);
  const rows = await session.query<{ line: string }>(
    `SELECT row_to_json(content)::text AS line FROM (${select}) content`,
  );
  return rows.map((row) => row.line);
}

function contentSql({ table, key }: ContentTable, columns: readonly string[], id: number): string {
  const quoted = (names: readonly string[]) => names.map((name) => `"${name}"`).join(', ');
  const order = key.length === 0 ? '' : `ORDER BY ${quoted(key)}`;
  return `SELECT ${quoted(columns)} FROM ${table} WHERE id = ${Math.trunc(id)} ${order}`;
}
