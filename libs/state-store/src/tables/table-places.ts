import { BAR_ROWS, BAR_TABLES } from './bar-tables.ts';
import { DAILY_BARS, DAILY_REJECTS } from './daily-tables.ts';

/**
 * The tables that are spread by `id` over several servers, with all rows of an asset on one server; a parent includes its
 * partitions. The other tables are co-located with the first one.
 */
export const TABLES_BY_ASSET: readonly string[] = [
  DAILY_BARS.table,
  DAILY_REJECTS.table,
  'cmc_price_bars_1d_state',
  'cmc_price_bars_1d_revisions',
  BAR_ROWS,
  ...Object.values(BAR_TABLES).map(({ stateTable }) => stateTable),
  'cmc_price_bars_multi_tf_rejects',
  'ema_rows',
  'cmc_ema_state',
  'cmc_ema_refresh_state',
  'ema_rejects',
];

/** The small tables of which every server has a copy. All other tables (the source, its log, `ops_…`) stay on one server. */
export const TABLES_EVERYWHERE: readonly string[] = [
  'bar_series',
  'dim_assets',
  'dim_holidays',
  'dim_period',
  'dim_timeframe',
  'ema_alpha_lookup',
  'ema_series',
];
