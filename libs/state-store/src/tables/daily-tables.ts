import { dailyBars } from '../schema/bars.ts';
import { dailyBarRejects } from '../schema/rejects.ts';
import { beyondAs, type KeyedTable } from './keyed-table.ts';
import { fieldsOf } from './table-fields.ts';

/** The daily bars (docs/bars.md#daily-bars); `tf` and the partial flags are constants of the table. */
export const DAILY_BARS: KeyedTable = {
  table: 'cmc_price_bars_1d',
  timeColumn: 'timestamp',
  hasTimeframes: false,
  layout: {
    table: 'cmc_price_bars_1d',
    fields: fieldsOf(
      dailyBars,
      ...['id', 'timestamp', 'bar_seq', 'day', 'day_from', 'day_until'],
      ...['time_open', 'time_close', 'time_high', 'time_low', 'open', 'high', 'low', 'close', 'volume', 'market_cap'],
      ...['is_missing_days', 'repaired_timehigh', 'repaired_timelow', 'repaired_high', 'repaired_low'],
      ...['src_name', 'src_load_ts', 'src_file'],
    ),
  },
};

const rejectFields = (...columns: string[]) => fieldsOf(dailyBarRejects, ...columns);

/** Source rows that the daily builder refused (docs/bars.md#daily-bars). */
export const DAILY_REJECTS: KeyedTable = {
  table: 'cmc_price_bars_1d_rejects',
  timeColumn: 'timestamp',
  hasTimeframes: false,
  layout: {
    table: 'cmc_price_bars_1d_rejects',
    fields: [
      ...rejectFields('id', 'timestamp', 'reason', 'tf', 'bar_seq', 'day', 'day_from', 'day_until'),
      ...beyondAs('unknown', rejectFields('time_open', 'time_close', 'time_high', 'time_low')),
      ...rejectFields('open', 'high', 'low', 'close', 'volume', 'market_cap', 'raw_high', 'raw_low'),
      ...beyondAs('unknown', rejectFields('raw_timehigh', 'raw_timelow')),
      ...rejectFields('src_name'),
      ...beyondAs('unknown', rejectFields('src_load_ts')),
      ...rejectFields('src_file'),
    ],
  },
};
