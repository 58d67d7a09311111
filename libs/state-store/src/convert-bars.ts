import type { Session } from './connect/database.ts';
import type { Conversion } from './convert.ts';
import { partsOf } from './convert.ts';
import { partitionTable } from './partition.ts';
import { BAR_TABLES } from './tables/bar-tables.ts';

const OLD = 'public.cmc_price_bars_multi_tf_u';
const TABLES = Object.values(BAR_TABLES);

/** Splits the slim rows of each table into as many partitions as the table of the earlier version had. */
async function splitAsBefore(tx: Session): Promise<void> {
  for (const { table, rows } of TABLES) {
    const parts = await partsOf(tx, `public.${table}`);
    if (parts > 1) await partitionTable(tx, rows.table, parts);
  }
}

/** Adds the series of an asset, each with the next number of its table and the days of its timeframe. */
const seriesOf = (bars: string): string => `
  INSERT INTO bar_series (series, alignment_source, tf, tf_days)
  SELECT t.first + n.known + row_number() OVER (PARTITION BY f.alignment_source ORDER BY f.tf_days, f.tf), f.alignment_source, f.tf, f.tf_days
  FROM (
    SELECT b.alignment_source, b.tf, coalesce(min(d.tf_days_nominal), min(b.tf_days)) AS tf_days
    FROM ${bars} b LEFT JOIN dim_timeframe d ON d.tf = b.tf
    WHERE b.id = $id GROUP BY b.alignment_source, b.tf
  ) f
  JOIN (VALUES ${TABLES.map(({ source, seriesRange }) => `('${source}'::bar_alignment_source, ${seriesRange[0]})`).join(', ')}) t (source, first)
    ON t.source = f.alignment_source
  CROSS JOIN LATERAL (
    SELECT coalesce(max(s.series) - t.first, 0) AS known FROM bar_series s WHERE s.alignment_source = f.alignment_source
  ) n
  WHERE NOT EXISTS (SELECT FROM bar_series s WHERE s.alignment_source = f.alignment_source AND s.tf = f.tf)`;

/** Clamps a number to smallint. A clamped value differs from the old one, so the comparison then excludes its asset. */
const small = (column: string): string => `least(greatest(${column}, -32768), 32767)::int2`;

/** Microseconds from an instant to the close of its row. */
const before = (column: string): string => `(extract(epoch FROM b.time_close - ${column}) * 1000000)::int8`;

/**
 * SQL for the same ages as `agesOf`: whole seconds from an instant to the close of its row, else the negated whole seconds to the
 * millisecond after the close, else NULL.
 */
const age = (column: string): string => `
  CASE WHEN ${before(column)} < 0 OR ${before(column)} > 2147483647000000 THEN NULL
    WHEN ${before(column)} % 1000000 = 0 THEN (${before(column)} / 1000000)::int4
    WHEN (${before(column)} + 1000) % 1000000 = 0 THEN -((${before(column)} + 1000) / 1000000)::int4 END`;

const INSTANTS = ['open', 'high', 'low'] as const;
const AGES = INSTANTS.map((name) => `${age(`b.time_${name}`)} AS ${name}_age`).join(', ');
const OTHERS = INSTANTS.map((name) => `CASE WHEN b.${name}_age IS NULL THEN b.time_${name} END`).join(', ');

const slimRowsOf = (bars: string): string => `
  INSERT INTO bar_rows (id, series, time_close, ingested_at, open, high, low, close, volume, market_cap, closed_at, time_open, time_high,
    time_low, open_age, high_age, low_age, bar_seq, bar_anchor_offset, first_missing_day, last_missing_day, pos_in_bar, tf_days,
    count_days_remaining, count_missing_days_start, count_missing_days_interior, is_partial_start, missing_days_where)
  SELECT b.id, s.series, b.time_close, b.ingested_at, b.open, b.high, b.low, b.close, b.volume, b.market_cap, b.closed_at, ${OTHERS},
    b.open_age, b.high_age, b.low_age, b.bar_seq, b.bar_anchor_offset, b.first_missing_day, b.last_missing_day, ${small('b.pos_in_bar')},
    CASE WHEN b.tf_days <> s.tf_days THEN ${small('b.tf_days')} END,
    CASE WHEN b.count_days_remaining <> b.tf_days - b.pos_in_bar - CASE b.alignment_source WHEN 'multi_tf' THEN 0 ELSE b.count_missing_days END
      THEN ${small('b.count_days_remaining')} END,
    nullif(b.count_missing_days_start, 0), nullif(b.count_missing_days_interior, 0), nullif(b.is_partial_start, false),
    b.missing_days_where
  FROM (SELECT b.*, ${AGES} FROM ${bars} b WHERE b.id = $id) b
  JOIN bar_series s ON s.alignment_source = b.alignment_source AND s.tf = b.tf
  ORDER BY b.alignment_source, b.time_close, s.series`;

/** Compares through the views that will replace the old tables; two records are equal when all their bits are. */
const COMPARE = `
  SELECT count(*)::int8 AS different
  FROM (SELECT * FROM ${OLD} WHERE id = $id) o
  FULL JOIN (SELECT * FROM ta_store.cmc_price_bars_multi_tf_u WHERE id = $id) n
    ON n.alignment_source = o.alignment_source AND n.time_close = o.time_close AND n.tf = o.tf
  WHERE o.id IS NULL OR n.id IS NULL OR NOT record_image_eq(o, n)`;

/**
 * The statements that build the slim rows of asset `$id`.
 * @param bars a relation with the columns of the tables of the contract
 */
export const slimSql = (bars: string): readonly string[] => [seriesOf(bars), slimRowsOf(bars)];

/** Converts multi-day bars of versions that stored every column into slim rows. */
export const BAR_CONVERSION: Conversion = {
  rows: 'bars',
  switchTag: '0016_bar_views',
  oldTable: OLD,
  record: 'ta_store.bars_converted',
  prepare: splitAsBefore,
  convert: slimSql(OLD),
  compare: COMPARE,
  discard: [
    'DELETE FROM bar_rows WHERE id = $id',
    ...TABLES.map(({ stateTable }) => `DELETE FROM ${stateTable} WHERE id = $id`),
  ],
};
