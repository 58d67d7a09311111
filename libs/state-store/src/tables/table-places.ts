import { BAR_TABLES } from './bar-tables.ts';
import { DAILY_BARS, DAILY_REJECTS } from './daily-tables.ts';

/**
 * The tables whose rows lie where their asset lies when a database is spread over servers by `id`; a parent stands for its
 * partitions. The first one is the one that the others are placed with.
 */
export const TABLES_BY_ASSET: readonly string[] = [
  DAILY_BARS.table,
  DAILY_REJECTS.table,
  'cmc_price_bars_1d_state',
  'cmc_price_bars_1d_revisions',
  'cmc_price_bars_multi_tf_u',
  ...Object.values(BAR_TABLES).map(({ stateTable }) => stateTable),
  'cmc_price_bars_multi_tf_rejects',
  'cmc_ema_multi_tf_u',
  'cmc_ema_state',
  'cmc_ema_refresh_state',
  'ema_rejects',
];

/** The small tables that every server has a copy of. All others (the source, its log, `ops_…`) stay on one server. */
export const TABLES_EVERYWHERE: readonly string[] = [
  'dim_assets',
  'dim_holidays',
  'dim_period',
  'dim_timeframe',
  'ema_alpha_lookup',
];
