import type { Session } from '../connect/database.ts';
import { createCopyEncoder } from '../copy/encode.ts';
import { copyInSql, quoteIdentifier, type CopyLayout } from '../copy/layout.ts';
import { nullable, required } from '../tables/keyed-table.ts';

/** Source rows to load, as columns of equal length in any order; instants in epoch ms UTC, NaN and null are NULL. */
export interface SourceRowBatch {
  readonly length: number;
  /** Asset id per row, or one id for all. */
  readonly id: Int32Array | number;
  /** Column `timestamp`, the close instant; never NaN. */
  readonly ts: Float64Array;
  readonly timeOpen: Float64Array;
  readonly timeClose: Float64Array;
  readonly timeHigh: Float64Array;
  readonly timeLow: Float64Array;
  readonly open: Float64Array;
  readonly high: Float64Array;
  readonly low: Float64Array;
  readonly close: Float64Array;
  readonly volume: Float64Array;
  readonly marketCap: Float64Array;
  readonly circulatingSupply: Float64Array;
  /** Asset name per row, or one for all. */
  readonly name: readonly (string | null)[] | string;
  /** Where the rows came from, per row or one for all. */
  readonly sourceFile: readonly (string | null)[] | string | null;
}

/** What a load did. The four add up to the length of the batch. */
export interface SourceUpsertCounts {
  readonly inserted: number;
  readonly updated: number;
  readonly unchanged: number;
  /** Rows overruled by a later row of the same batch with the same (id, timestamp). */
  readonly duplicate: number;
}

const STAGING: CopyLayout = {
  table: 'ta_source_staging',
  fields: [
    ...required('int4', 'row_number', 'id'),
    ...required('timestamptz', 'timestamp'),
    ...required('text', 'name'),
    ...nullable('timestamptz', 'timeopen', 'timeclose', 'timehigh', 'timelow'),
    ...nullable('float8', 'open', 'high', 'low', 'close', 'volume', 'marketcap', 'circulatingsupply'),
    ...nullable('text', 'source_file'),
  ],
};

/** What counts as the content of a source row: `source_file` and `load_ts` only say where it came from, and when. */
const CONTENT = STAGING.fields
  .map(({ column }) => column)
  .filter((column) => !['row_number', 'id', 'timestamp', 'source_file'].includes(column));

/**
 * Loads source rows: COPY into a temporary table, then one merge on `(id, timestamp)` that touches only rows whose content
 * differs, bit for bit. A row that is the same keeps its `source_file` and `load_ts`, so loading a file twice changes
 * nothing. Call it in a transaction; the invalidation log is written by the table's triggers.
 */
export async function upsertSourceRows(session: Session, batch: SourceRowBatch): Promise<SourceUpsertCounts> {
  if (batch.length === 0) return { inserted: 0, updated: 0, unchanged: 0, duplicate: 0 };
  await openStaging(session);
  const data = stagingData(batch);
  await session.copyIn(copyInSql(STAGING), createCopyEncoder(STAGING).encodeChunks(data, batch.length));
  const [counts] = await session.query<{ rows: number; inserted: number; updated: number }>(mergeSql());
  await session.run('DROP TABLE pg_temp.ta_source_staging');
  return {
    inserted: counts.inserted,
    updated: counts.updated,
    unchanged: counts.rows - counts.inserted - counts.updated,
    duplicate: batch.length - counts.rows,
  };
}

async function openStaging(session: Session): Promise<void> {
  await session.run(
    `CREATE TEMPORARY TABLE ta_source_staging ON COMMIT DROP AS
     SELECT 0 AS row_number, s.* FROM cmc_price_histories7 s WITH NO DATA`,
  );
}

function stagingData(batch: SourceRowBatch) {
  const columns = [batch.timeOpen, batch.timeClose, batch.timeHigh, batch.timeLow];
  const values = [batch.open, batch.high, batch.low, batch.close, batch.volume, batch.marketCap];
  return [
    { numbers: Int32Array.from({ length: batch.length }, (_, i) => i) },
    typeof batch.id === 'number' ? { constant: batch.id } : { numbers: batch.id },
    { numbers: batch.ts },
    typeof batch.name === 'string' ? { constant: batch.name } : { strings: batch.name },
    ...[...columns, ...values, batch.circulatingSupply].map((numbers) => ({ numbers })),
    typeof batch.sourceFile === 'string' || batch.sourceFile === null
      ? { constant: batch.sourceFile }
      : { strings: batch.sourceFile },
  ];
}

/** `date` is the UTC day of the close instant: the column is unused by bars and filled for operators' SQL. */
function mergeSql(): string {
  const content = CONTENT.map(quoteIdentifier);
  const target = ['id', '"timestamp"', 'date', ...content, 'source_file', 'load_ts'].join(', ');
  const sets = [...content, 'date', 'source_file', 'load_ts']
    .map((column) => `${column} = excluded.${column}`)
    .join(', ');
  const row = (alias: string) => `ROW(${content.map((column) => `${alias}.${column}`).join(', ')})`;
  return `WITH newest AS (
      SELECT DISTINCT ON (id, "timestamp") * FROM pg_temp.ta_source_staging ORDER BY id, "timestamp", row_number DESC
    ), merged AS (
      INSERT INTO cmc_price_histories7 AS t (${target})
      SELECT id, "timestamp", ("timestamp" AT TIME ZONE 'UTC')::date, ${content.join(', ')}, source_file, now() FROM newest
      ON CONFLICT (id, "timestamp") DO UPDATE SET ${sets}
      WHERE record_image_ne(${row('t')}, ${row('excluded')})
      RETURNING xmax = 0 AS is_new
    )
    SELECT (SELECT count(*) FROM newest) AS rows,
      count(*) FILTER (WHERE is_new) AS inserted, count(*) FILTER (WHERE NOT is_new) AS updated FROM merged`;
}
