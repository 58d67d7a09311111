/**
 * First and last instant (epoch ms UTC) that the program accepts: the years 0001 to 9999 (docs/source-rows.md). The last one is a
 * whole millisecond, since the double nearest to the last microsecond of 9999 is the beginning of the year 10000.
 */
export const EARLIEST_INSTANT_MS = -62_135_596_800_000;
export const LATEST_INSTANT_MS = 253_402_300_799_999;

/** The first and the last accepted instant as SQL. */
export const EARLIEST_INSTANT_SQL = `timestamptz '0001-01-01 00:00:00+00'`;
export const LATEST_INSTANT_SQL = `timestamptz '9999-12-31 23:59:59.999+00'`;

/** SQL condition for an instant outside the years 0001 to 9999, infinite ones included; false for NULL. */
export function isBeyondSql(column: string): string {
  return `coalesce(${column} NOT BETWEEN ${EARLIEST_INSTANT_SQL} AND ${LATEST_INSTANT_SQL}, false)`;
}
