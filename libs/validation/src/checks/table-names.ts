import type { CheckContext } from '../check-context.ts';

/** The table of the daily bars. */
export const DAILY_TABLE = 'cmc_price_bars_1d';
/** The state of the daily bars. */
export const DAILY_STATE = 'cmc_price_bars_1d_state';
/** Source rows that the daily builder rejected. */
export const DAILY_REJECTS_TABLE = 'cmc_price_bars_1d_rejects';
/** The source rows. */
export const SOURCE_TABLE = 'cmc_price_histories7';

/** The selected bar tables, the daily one included. */
export function barTableNames(context: CheckContext): string[] {
  return [...(context.hasDaily ? [DAILY_TABLE] : []), ...multiDayTableNames(context)];
}

/** The selected multi-day bar tables. */
export function multiDayTableNames(context: CheckContext): string[] {
  return context.barTables.map(({ table }) => table);
}

/** The selected EMA tables. */
export function emaTableNames(context: CheckContext): string[] {
  return context.emaTables.map(({ table }) => table);
}

/** The daily table where it is selected. */
export function dailyTableNames(context: CheckContext): string[] {
  return context.hasDaily ? [DAILY_TABLE] : [];
}
