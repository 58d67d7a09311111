import { beyondAs, nullable, required, type KeyedTable } from './keyed-table.ts';

/** The daily bars (docs/bars.md#daily-bars); `tf` and the partial flags are constants of the table. */
export const DAILY_BARS: KeyedTable = {
  table: 'cmc_price_bars_1d',
  timeColumn: 'timestamp',
  hasTimeframes: false,
  layout: {
    table: 'cmc_price_bars_1d',
    fields: [
      ...required('int4', 'id'),
      ...required('timestamptz', 'timestamp'),
      ...required('int8', 'bar_seq'),
      ...required('date', 'day'),
      ...required('timestamptz', 'day_from', 'day_until'),
      ...required('timestamptz', 'time_open', 'time_close', 'time_high', 'time_low'),
      ...required('float8', 'open', 'high', 'low', 'close'),
      ...nullable('float8', 'volume', 'market_cap'),
      ...required('bool', 'is_missing_days'),
      ...required('bool', 'repaired_timehigh', 'repaired_timelow', 'repaired_high', 'repaired_low'),
      ...nullable('text', 'src_name'),
      ...nullable('timestamptz', 'src_load_ts'),
      ...nullable('text', 'src_file'),
    ],
  },
};

/** Source rows that the daily builder refused (docs/bars.md#daily-bars). */
export const DAILY_REJECTS: KeyedTable = {
  table: 'cmc_price_bars_1d_rejects',
  timeColumn: 'timestamp',
  hasTimeframes: false,
  layout: {
    table: 'cmc_price_bars_1d_rejects',
    fields: [
      ...required('int4', 'id'),
      ...required('timestamptz', 'timestamp'),
      ...required('text', 'reason'),
      ...nullable('text', 'tf'),
      ...nullable('int8', 'bar_seq'),
      ...nullable('date', 'day'),
      ...nullable('timestamptz', 'day_from', 'day_until'),
      ...beyondAs('unknown', nullable('timestamptz', 'time_open', 'time_close', 'time_high', 'time_low')),
      ...nullable('float8', 'open', 'high', 'low', 'close', 'volume', 'market_cap'),
      ...nullable('float8', 'raw_high', 'raw_low'),
      ...beyondAs('unknown', nullable('timestamptz', 'raw_timehigh', 'raw_timelow')),
      ...nullable('text', 'src_name'),
      ...beyondAs('unknown', nullable('timestamptz', 'src_load_ts')),
      ...nullable('text', 'src_file'),
    ],
  },
};
