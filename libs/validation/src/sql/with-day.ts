import { DAILY_TABLE } from '../checks/table-names.ts';

/** The least and the most days between two bars of a timeframe `d`. */
export const LEAST_DAYS = 'coalesce(d.tf_days_min, d.tf_days_nominal - 0.5)';
export const MOST_DAYS = 'coalesce(d.tf_days_max, d.tf_days_nominal + 0.5)';

/**
 * Rows of a derived table with the civil day of their close: the stored day of the daily bar that closes at the same instant;
 * NULL when there is none. SQL does not compute days, because the database may have other rules of zones than the program.
 *
 * @param rows sub-SELECT of a `RowSelection`
 * @param timeColumn column of the close instant
 */
export function withDay(rows: string, timeColumn: string): string {
  return `(SELECT r.*, b.day FROM ${rows} r LEFT JOIN ${DAILY_TABLE} b ON b.id = r.id AND b."timestamp" = r.${timeColumn})`;
}
