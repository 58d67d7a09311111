import { getTableConfig, type PgTable } from 'drizzle-orm/pg-core';
import { barAlignmentSource, dailyBars } from '../../src/schema/bars.ts';
import { emaAlignmentSource } from '../../src/schema/emas.ts';
import { emaRejects, multiDayBarRejects } from '../../src/schema/rejects.ts';
import { priceHistories } from '../../src/schema/source.ts';

/** Type of each column of a view by its name. */
type ViewColumns = Readonly<Record<string, string>>;

const INSTANT = 'timestamp with time zone';
const LABEL = 'text COLLATE "C"';

function all(type: string, ...names: string[]): ViewColumns {
  return Object.fromEntries(names.map((name) => [name, type]));
}

function columnsOf(table: PgTable): ViewColumns {
  return Object.fromEntries(getTableConfig(table).columns.map((column) => [column.name, column.getSQLType()]));
}

const SNAPSHOTS: ViewColumns = {
  ...all(INSTANT, 'time_close', 'time_open', 'time_high', 'time_low', 'timestamp', 'last_ts_half_open', 'closed_at'),
  ...all(INSTANT, 'ingested_at'),
  ...all('double precision', 'open', 'high', 'low', 'close', 'volume', 'market_cap'),
  ...all(
    'integer',
    'id',
    'tf_days',
    'bar_seq',
    'bar_anchor_offset',
    'pos_in_bar',
    'count_days',
    'count_days_remaining',
  ),
  ...all('integer', 'count_missing_days', 'count_missing_days_start', 'count_missing_days_end'),
  ...all('integer', 'count_missing_days_interior'),
  ...all('date', 'first_missing_day', 'last_missing_day'),
  ...all('boolean', 'is_partial_start', 'is_partial_end', 'is_missing_days'),
  ...{ alignment_source: 'bar_alignment_source', tf: LABEL, missing_days_where: 'text' },
};

const EMAS: ViewColumns = {
  ...all(INSTANT, 'ts', 'ingested_at'),
  ...all('double precision', 'ema', 'd1', 'd2', 'd1_roll', 'd2_roll'),
  ...all('double precision', 'ema_bar', 'd1_bar', 'd2_bar', 'd1_roll_bar', 'd2_roll_bar'),
  ...all('integer', 'id', 'period', 'tf_days'),
  ...all('boolean', 'roll', 'roll_bar'),
  ...{ alignment_source: 'ema_alignment_source', tf: LABEL },
};

const EMA_STATES: ViewColumns = {
  ...all(INSTANT, 'daily_min_seen', 'daily_max_seen', 'last_time_close', 'last_canonical_ts', 'src_full_built_at'),
  ...all(INSTANT, 'updated_at'),
  ...all('integer', 'id', 'period', 'last_bar_seq'),
  ...all('bigint', 'bars_seen', 'rows_seen'),
  tf: LABEL,
};

const BAR_SOURCES = barAlignmentSource.enumValues;
const EMA_SOURCES = emaAlignmentSource.enumValues;

function views(columns: ViewColumns, names: readonly string[]): [name: string, columns: ViewColumns][] {
  return names.map((name) => [name, columns]);
}

/** The views of the database: names of the contract for rows that are stored in another form, or under another name. */
export const CONTRACT_VIEWS: ReadonlyMap<string, ViewColumns> = new Map([
  ...views(columnsOf(priceHistories), ['price_histories7']),
  ...views({ ...all('integer', 'period', 'span_days'), tf: LABEL }, ['dim_timeframe_period']),
  ...views(SNAPSHOTS, ['cmc_price_bars_multi_tf_u', ...BAR_SOURCES.map((source) => `cmc_price_bars_${source}`)]),
  ...views({ ...columnsOf(dailyBars), closed_at: INSTANT }, ['cmc_closed_bars_1d']),
  ...views(
    SNAPSHOTS,
    BAR_SOURCES.map((source) => `cmc_closed_bars_${source}`),
  ),
  ...views(
    columnsOf(multiDayBarRejects),
    BAR_SOURCES.filter((source) => source !== 'multi_tf').map((source) => `cmc_price_bars_${source}_rejects`),
  ),
  ...views(EMAS, ['cmc_ema_multi_tf_u', ...EMA_SOURCES.map((source) => `cmc_ema_${source}`)]),
  ...views(
    EMA_STATES,
    EMA_SOURCES.map((source) => `cmc_ema_${source}_state`),
  ),
  ...views(
    columnsOf(emaRejects),
    EMA_SOURCES.map((source) => `cmc_ema_${source}_rejects`),
  ),
  ...views(
    {
      ...all('integer', 'asset', 'period'),
      ...all('double precision', 'close', 'ema'),
      ...{ timeframe: LABEL, closed_at: INSTANT },
    },
    ['closed_emas'],
  ),
]);
