import type { Session } from '@ta/state-store';

/** Rows of each table and view, and a hash of each of its columns that the order of rows does not change. */
export type ColumnHashes = ReadonlyMap<string, { readonly rows: number; readonly hashes: ReadonlyMap<string, string> }>;

/** Columns that say which row a value belongs to: they are hashed with every other one. */
const KEYS = [
  'id',
  'asset',
  'alignment_source',
  'tf',
  'timeframe',
  'period',
  'ts',
  'timestamp',
  'time_close',
  'closed_at',
];

/** What a conversion adds, and what every command writes. */
const NOT_COMPARED = [
  'bar_rows',
  'bar_series',
  'ema_rows',
  'ema_series',
  'ops_runs',
  'ops_run_items',
  'ops_validation_results',
  'ops_alerts',
];

/** Hashes every column of every table and view of the schema; partitions by id stand for their parents' rows. */
export async function readColumnHashes(session: Session): Promise<ColumnHashes> {
  const relations = await session.query<{ name: string; columns: string[] }>(
    `SELECT c.relname AS name, array_agg(a.attname::text ORDER BY a.attname) AS columns
     FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
     WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v')
       AND c.relname !~ '_h[0-9]+_[0-9]+$' AND NOT (c.relname = ANY ($1)) GROUP BY 1 ORDER BY 1`,
    [NOT_COMPARED],
  );
  const all = new Map<string, { rows: number; hashes: Map<string, string> }>();
  for (const { name, columns } of relations) {
    const key = columns.filter((column) => KEYS.includes(column)).map((column) => `"${column}"::text`);
    const [found] = await session.query<Record<string, string>>(
      `SELECT count(*)::text AS rows, ${columns.map((column, i) => `${hash(column)}::text AS "${i}"`).join(', ')}
       FROM (SELECT *, hashtextextended(concat_ws('|', ${["''", ...key].join(', ')}), 0) AS row_key FROM "${name}") content`,
    );
    all.set(name, {
      rows: Number(found?.['rows']),
      hashes: new Map(columns.map((column, i) => [column, String(found?.[i])])),
    });
  }
  return all;
}

/** Text of a double is its shortest exact one, -0 included; NULL is a text that no value has. */
function hash(column: string): string {
  return `sum(hashtextextended(coalesce("${column}"::text, '(null)'), row_key))`;
}

/** Tables that are gone or have another number of rows, and columns that differ. */
export function differingColumns(before: ColumnHashes, after: ColumnHashes): string[] {
  return [...before].flatMap(([name, { rows, hashes }]) => {
    const found = after.get(name);
    if (found === undefined) return [`${name} is gone`];
    if (found.rows !== rows) return [`${name} has ${found.rows} rows instead of ${rows}`];
    return [...hashes]
      .filter(([column, value]) => found.hashes.get(column) !== value)
      .map(([column]) => `${name}.${column}`);
  });
}
