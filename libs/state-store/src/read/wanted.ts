/** Rows to be shown in a table, with the columns as properties. */
export type ShownRows = Record<string, unknown>[];

/** SQL condition for the rows of some assets: `$1` is a list of ids, or null for all. */
export const WANTED = '($1::int[] IS NULL OR id = ANY($1::int[]))';
