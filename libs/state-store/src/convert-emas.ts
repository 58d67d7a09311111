import type { Conversion } from './convert.ts';
import { partsOf } from './convert.ts';
import { splitRows } from './partition.ts';
import { EMA_ROWS_LAYOUT } from './tables/ema-tables.ts';

/** Adds the series of an asset, with the periods of its states, because a young asset has no rows of the long periods yet. */
const OF_ASSET = `
  CREATE TEMPORARY TABLE of_asset ON COMMIT DROP AS
  SELECT f.alignment_source, f.tf, f.tf_days,
    CASE WHEN st.periods @> f.periods THEN st.periods ELSE f.periods END AS periods
  FROM (
    SELECT alignment_source, tf, tf_days, array_agg(period ORDER BY period) AS periods
    FROM (SELECT DISTINCT alignment_source, tf, tf_days, period FROM cmc_ema_multi_tf_u WHERE id = $id) one
    GROUP BY alignment_source, tf, tf_days
  ) f
  LEFT JOIN cmc_ema_state st ON st.id = $id AND st.alignment_source = f.alignment_source AND st.tf = f.tf`;

const SERIES = `
  INSERT INTO ema_series (alignment_source, tf, tf_days, periods)
  SELECT alignment_source, tf, tf_days, periods FROM of_asset ON CONFLICT DO NOTHING`;

const PACK = `
  INSERT INTO ema_rows (id, series, ts, ingested_at, roll, ema, ema_bar)
  SELECT $id, s.series, e.ts, max(e.ingested_at), bool_or(e.roll), array_agg(e.ema ORDER BY e.period),
    CASE WHEN bool_or(e.ema_bar IS NOT NULL) THEN array_agg(e.ema_bar ORDER BY e.period) END
  FROM cmc_ema_multi_tf_u e
  JOIN of_asset o ON o.alignment_source = e.alignment_source AND o.tf = e.tf AND o.tf_days = e.tf_days
  JOIN ema_series s ON s.alignment_source = o.alignment_source AND s.tf = o.tf AND s.tf_days = o.tf_days AND s.periods = o.periods
  WHERE e.id = $id
  GROUP BY s.series, e.ts
  ORDER BY s.series, e.ts`;

/** The bits of a double; NULL for NULL. */
const bits = (value: string): string => `coalesce(float8send(${value}), '')`;

/** Whether the stored differences of one series are those that the view computes from its values. */
function derived(bar: '' | '_bar'): string {
  const [ema, one, two, close, closeTwo] = ['ema', 'one', 'two', 'close', 'close_two'].map((name) => `${name}${bar}`);
  return [
    [`d1_roll${bar}`, `${ema} - ${one}`],
    [`d2_roll${bar}`, `${ema} - ${one} - (${one} - ${two})`],
    [`d1${bar}`, `CASE WHEN NOT roll THEN ${ema} - ${close} END`],
    [`d2${bar}`, `CASE WHEN NOT roll THEN ${ema} - ${close} - (${close} - ${closeTwo}) END`],
  ]
    .map(([column, value]) => `${bits(column)} = ${bits(value)}`)
    .join(' AND ');
}

/** Counts the old rows that the packed rows do not reproduce bit for bit, plus the packed values without an old row. */
const COMPARE = `
  WITH old AS (
    SELECT *, lag(ema) OVER r AS one, lag(ema, 2) OVER r AS two, lag(ema) OVER c AS close, lag(ema, 2) OVER c AS close_two,
      lag(ema_bar) OVER r AS one_bar, lag(ema_bar, 2) OVER r AS two_bar, lag(ema_bar) OVER c AS close_bar,
      lag(ema_bar, 2) OVER c AS close_two_bar
    FROM cmc_ema_multi_tf_u WHERE id = $id
    WINDOW r AS (PARTITION BY alignment_source, tf, tf_days, period ORDER BY ts),
      c AS (PARTITION BY alignment_source, tf, tf_days, period, roll ORDER BY ts)
  ), packed AS (
    SELECT s.alignment_source, s.tf, s.tf_days, o.period, r.ts, r.ingested_at, r.roll, r.ema[o.place] AS ema,
      r.ema_bar[o.place] AS ema_bar, CASE WHEN r.ema_bar IS NOT NULL THEN r.roll END AS roll_bar
    FROM ema_rows r JOIN ema_series s ON s.series = r.series
    CROSS JOIN LATERAL unnest(s.periods) WITH ORDINALITY AS o (period, place)
    WHERE r.id = $id AND r.ema[o.place] IS NOT NULL
  )
  SELECT count(*) FILTER (WHERE NOT (
      coalesce(p.roll = old.roll AND p.ingested_at = old.ingested_at AND p.roll_bar IS NOT DISTINCT FROM old.roll_bar
      AND ${bits('p.ema')} = ${bits('old.ema')} AND ${bits('p.ema_bar')} = ${bits('old.ema_bar')}
      AND old.is_derived, false)))::int8 AS different
  FROM (SELECT old.*, ${derived('')} AND ${derived('_bar')} AS is_derived FROM old) old
  FULL JOIN packed p ON p.alignment_source = old.alignment_source AND p.tf = old.tf AND p.tf_days = old.tf_days
    AND p.period = old.period AND p.ts = old.ts`;

/** Packs the EMAs of versions that stored a row for every value. */
export const EMA_CONVERSION: Conversion = {
  rows: 'EMAs',
  switchTag: '0014_ema_views',
  oldTable: 'cmc_ema_multi_tf_u',
  record: 'ta_store.ema_converted',
  async prepare(tx) {
    const parts = await partsOf(tx, 'cmc_ema_multi_tf');
    if (parts > 1) await splitRows(tx, EMA_ROWS_LAYOUT.table, parts);
  },
  convert: [OF_ASSET, 'ANALYZE of_asset', SERIES, PACK],
  compare: COMPARE,
  discard: ['DELETE FROM ema_rows WHERE id = $id', 'DELETE FROM cmc_ema_refresh_state WHERE id = $id'],
};
