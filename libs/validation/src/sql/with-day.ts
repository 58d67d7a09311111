import { DAILY_TABLE } from '../checks/table-names.ts';

/** The least and the most days between two bars of a timeframe `d`. */
export const LEAST_DAYS = 'coalesce(d.tf_days_min, d.tf_days_nominal - 0.5)';
export const MOST_DAYS = 'coalesce(d.tf_days_max, d.tf_days_nominal + 0.5)';

/**
 * Rows of a derived table with the civil day of their close: that of the daily bar that closes then, as the program stored it;
 * NULL where there is none. No SQL turns an instant into a day, because a database need not have the program's rules of zones.
 *
 * @param rows sub-SELECT of a `RowSelection`
 * @param timeColumn column of the close instant
 */
export function withDay(rows: string, timeColumn: string): string {
  return `(SELECT r.*, b.day FROM ${rows} r LEFT JOIN ${DAILY_TABLE} b ON b.id = r.id AND b."timestamp" = r.${timeColumn})`;
}
