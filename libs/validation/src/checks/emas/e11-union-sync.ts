import { BAR_ROWS, BAR_TABLES, EMA_ROWS_LAYOUT, EMA_TABLES, type Session } from '@ta/state-store';
import type { Check } from '../../check.ts';
import { foundRow } from '../../sql/found-rows.ts';
import { allRows } from '../../sql/json-rows.ts';
import { emaTableNames } from '../table-names.ts';

const EMA_UNION = 'cmc_ema_multi_tf_u';
const BAR_UNION = 'cmc_price_bars_multi_tf_u';
const [BARS, EMAS] = [BAR_TABLES, EMA_TABLES].map((tables) =>
  Object.values<{ table: string }>(tables).map(({ table }) => table),
);
/** The views of the contract, each with what it reads. */
const VIEWS: readonly (readonly [view: string, reads: string])[] = [
  ...BARS.flatMap((table) => [[table, BAR_ROWS] as const, [BAR_UNION, table] as const]),
  [EMA_UNION, EMA_ROWS_LAYOUT.table],
  ...EMAS.map((table) => [table, EMA_UNION] as const),
];

/** E11: the union tables consist of the tables of the contract, each under its own `alignment_source`. */
export const unionSync: Check = {
  id: 'E11',
  name: 'union_sync',
  severity: 'ERROR',
  kind: 'sql',
  columns: ['alignment_source', 'kind'],
  explanation:
    'The two unions and their tables are views of the same rows, so their contents cannot differ: each view ' +
    `exists and reads ${BAR_ROWS} or ${EMA_ROWS_LAYOUT.table}. Each part of ${BAR_ROWS} is attached under the ` +
    'numbers of its series, and there is no other part. Where tables are split by id (`ta db migrate ' +
    '--partitions`), no part is missing: queries would leave out its assets.',
  whatToDo:
    `Attach the part again: ALTER TABLE ${BAR_ROWS} ATTACH PARTITION <part> FOR VALUES FROM (<first>) TO (<until>); a part by id: ` +
    'ATTACH PARTITION <part> FOR VALUES WITH (MODULUS <parts>, REMAINDER <number>).',
  tables: emaTableNames,
  async *run(context) {
    const rows = await allRows(
      context.session,
      `SELECT c.relname AS part, pg_get_expr(c.relpartbound, c.oid) AS bound
       FROM pg_class p JOIN pg_namespace n ON n.oid = p.relnamespace AND n.nspname = 'public'
       JOIN pg_inherits i ON i.inhparent = p.oid JOIN pg_class c ON c.oid = i.inhrelid WHERE p.relname = '${BAR_ROWS}'`,
    );
    const parts = new Map(rows.map((row) => [row['part'] as string, row['bound'] as string]));
    for (const { rows: part, source, seriesRange } of Object.values(BAR_TABLES)) {
      const bound = parts.get(part.table);
      const expected = `FOR VALUES FROM ('${seriesRange[0]}') TO ('${seriesRange[1]}')`;
      parts.delete(part.table);
      if (bound === expected) continue;
      const kind = bound === undefined ? 'missing' : 'bound';
      const row = { alignment_source: source, kind, expected, actual: bound ?? null };
      const text =
        bound === undefined ? `${part.table} is no partition of ${BAR_ROWS}` : `${part.table} is attached ${bound}`;
      yield foundRow(BAR_ROWS, row, text);
    }
    for (const [part, bound] of parts) {
      yield foundRow(BAR_ROWS, { kind: 'extra', actual: bound, key: part }, `unknown partition ${part} ${bound}`);
    }
    for (const [view, reads] of await missingViews(context.session)) {
      yield foundRow(view, { kind: 'missing', actual: null }, `${view} is no view of ${reads}`);
    }
    for (const { table, parts: left } of await incompleteTables(context.session)) {
      yield foundRow(table, { kind: 'part', actual: left }, `parts of ${table} are missing: it has ${left}`);
    }
  },
};

/** Views of the contract that do not exist or are not views, or that read something else. */
async function missingViews(session: Session): Promise<[view: string, reads: string][]> {
  const rows = await allRows(
    session,
    `SELECT v.name, v.reads FROM (VALUES ${VIEWS.map(([view, reads]) => `('${view}', '${reads}')`).join(', ')}) v (name, reads)
     WHERE NOT EXISTS (SELECT 1 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = 'public'
       JOIN pg_rewrite w ON w.ev_class = c.oid JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = w.oid
         AND d.refclassid = 'pg_class'::regclass
       JOIN pg_class read ON read.oid = d.refobjid
       WHERE c.relname = v.name AND c.relkind = 'v' AND w.ev_type = '1' AND read.relname = v.reads) ORDER BY 1, 2`,
  );
  return rows.map((row) => [row['name'] as string, row['reads'] as string]);
}

/** Tables split by id that lack a part: each part holds 1/modulus of the ids, and the sum is not 1. */
async function incompleteTables(session: Session): Promise<{ table: string; parts: number }[]> {
  const rows = await allRows(
    session,
    `SELECT c.relname AS "table", count(part.oid)::int AS parts
     FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = 'public'
     LEFT JOIN pg_inherits i ON i.inhparent = c.oid LEFT JOIN pg_class part ON part.oid = i.inhrelid
     WHERE c.relkind = 'p' AND c.relname IN (${[...Object.values(BAR_TABLES).map(({ rows }) => rows), EMA_ROWS_LAYOUT]
       .map(({ table }) => `'${table}'`)
       .join(', ')})
     GROUP BY c.relname
     HAVING abs(coalesce(sum(1 / substring(pg_get_expr(part.relpartbound, part.oid) FROM 'modulus (\\d+)')::numeric), 0) - 1) > 1e-6
     ORDER BY 1`,
  );
  return rows.map((row) => ({ table: row['table'] as string, parts: row['parts'] as number }));
}
