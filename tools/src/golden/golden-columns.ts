import type { CopyType } from '@ta/state-store';

/**
 * What a column holds, which decides how it is compared: `ema` within 1e-12 relative, `derivative` within 1e-12 of the EMA
 * in the same row, everything else exactly (docs/golden.md#how-it-runs).
 */
export type ColumnKind = 'text' | 'instant' | 'day' | 'count' | 'flag' | 'price' | 'ema' | 'derivative';

const KINDS: Readonly<Record<Exclude<ColumnKind, 'count'>, readonly string[]>> = {
  text: [
    ...['tf', 'reason', 'name', 'src_name', 'src_file', 'source_file', 'missing_days_where', 'violation_type'],
    ...[
      'label',
      'base_unit',
      'alignment_type',
      'calendar_anchor',
      'roll_policy',
      'description',
      'calendar_scheme',
      'tz',
    ],
  ],
  instant: [
    ...['timestamp', 'ts', 'timeopen', 'timeclose', 'timehigh', 'timelow', 'load_ts', 'src_load_ts'],
    ...['time_open', 'time_close', 'time_high', 'time_low', 'last_ts_half_open'],
    ...['last_src_ts', 'daily_min_seen', 'daily_max_seen', 'last_time_close', 'last_canonical_ts'],
  ],
  day: ['first_missing_day', 'last_missing_day'],
  flag: [
    ...['is_partial_start', 'is_partial_end', 'is_missing_days', 'repaired_timehigh', 'repaired_timelow'],
    ...['roll', 'roll_bar', 'has_roll_flag', 'is_intraday', 'is_canonical', 'allow_partial_start', 'allow_partial_end'],
  ],
  price: [
    ...['open', 'high', 'low', 'close', 'volume', 'marketcap', 'market_cap'],
    ...['alpha_ema_dailyspace', 'alpha_bar', 'alpha_bar_preview_daily'],
  ],
  ema: ['ema', 'ema_bar'],
  derivative: ['d1', 'd2', 'd1_roll', 'd2_roll', 'd1_bar', 'd2_bar', 'd1_roll_bar', 'd2_roll_bar'],
};

const KIND_OF = new Map(
  (Object.keys(KINDS) as (keyof typeof KINDS)[]).flatMap((kind) =>
    KINDS[kind].map((column) => [column, kind] as const),
  ),
);

/** The kind of a column by its name, which means the same in every golden file. An unlisted column holds whole numbers. */
export function kindOf(column: string): ColumnKind {
  return KIND_OF.get(column) ?? 'count';
}

const COPY_TYPES: Readonly<Record<ColumnKind, CopyType>> = {
  text: 'text',
  instant: 'timestamptz',
  day: 'date',
  count: 'int4',
  flag: 'bool',
  price: 'float8',
  ema: 'float8',
  derivative: 'float8',
};

/** The type that a column must have in our table; `table` matters for the 64-bit `bar_seq` of the daily tables. */
export function copyTypeOf(table: string, column: string): CopyType {
  return column === 'bar_seq' && table.startsWith('cmc_price_bars_1d') ? 'int8' : COPY_TYPES[kindOf(column)];
}
