import { BAR_TABLES, EMA_TABLES, type Session } from '@ta/state-store';
import type { Check } from '../../check.ts';
import { foundRow, foundRows } from '../../sql/found-rows.ts';
import { allRows } from '../../sql/json-rows.ts';
import { emaTableNames } from '../table-names.ts';

const UNIONS = {
  cmc_ema_multi_tf_u: Object.values(EMA_TABLES),
  cmc_price_bars_multi_tf_u: Object.values(BAR_TABLES),
} as const;

/** E11: the union tables consist of the tables of the contract, each under its own `alignment_source`. */
export const unionSync: Check = {
  id: 'E11',
  name: 'union_sync',
  scope: 'emas',
  severity: 'ERROR',
  kind: 'sql',
  columns: ['alignment_source', 'kind'],
  explanation:
    'cmc_ema_multi_tf_u and cmc_price_bars_multi_tf_u are partitioned parents, so a row answers under both names and cannot differ. ' +
    'Checked is that each table is attached under its own alignment_source, that there is no other partition, and that rows carry ' +
    'the alignment_source of their table. Where tables are split by id (`ta db migrate --partitions`), none of the parts may be missing: ' +
    'its assets would be lost from every answer.',
  whatToDo:
    'Attach the table again: ALTER TABLE <union> ATTACH PARTITION <table> FOR VALUES IN (<alignment_source>); a part of a table: ' +
    'ATTACH PARTITION <part> FOR VALUES WITH (MODULUS <parts>, REMAINDER <number>).',
  tables: emaTableNames,
  async *run(context) {
    const rows = await allRows(
      context.session,
      `SELECT p.relname AS union_table, c.relname AS part, pg_get_expr(c.relpartbound, c.oid) AS bound
       FROM pg_class p JOIN pg_namespace n ON n.oid = p.relnamespace AND n.nspname = 'public'
       JOIN pg_inherits i ON i.inhparent = p.oid JOIN pg_class c ON c.oid = i.inhrelid
       WHERE p.relname IN (${Object.keys(UNIONS)
         .map((name) => `'${name}'`)
         .join(', ')})`,
    );
    for (const [union, tables] of Object.entries(UNIONS)) {
      const parts = new Map(
        rows
          .filter((row) => row['union_table'] === union)
          .map((row) => [row['part'] as string, row['bound'] as string]),
      );
      for (const { table, source } of tables) {
        const bound = parts.get(table);
        const expected = `FOR VALUES IN ('${source}')`;
        parts.delete(table);
        if (bound === expected) continue;
        const row = {
          alignment_source: source,
          kind: bound === undefined ? 'missing' : 'bound',
          expected,
          actual: bound ?? null,
        };
        const text = bound === undefined ? `${table} is no partition of ${union}` : `${table} is attached ${bound}`;
        yield foundRow(union, row, text);
        yield* foundRows(
          context,
          table,
          `SELECT id, alignment_source, count(*) AS n, 'different' AS kind FROM ${table} WHERE alignment_source <> '${source}' GROUP BY id, alignment_source`,
          (found) => `${found['n'] as number} rows carry alignment_source ${found['alignment_source'] as string}`,
        );
      }
      for (const [part, bound] of parts) {
        yield foundRow(union, { kind: 'extra', actual: bound, key: part }, `unknown partition ${part} ${bound}`);
      }
    }
    for (const { table, parts } of await incompleteTables(context.session)) {
      yield foundRow(table, { kind: 'part', actual: parts }, `parts of ${table} are missing: it has ${parts}`);
    }
  },
};

/** Tables split by id whose parts do not make a whole: 1/modulus of the ids is in each. */
async function incompleteTables(session: Session): Promise<{ table: string; parts: number }[]> {
  const rows = await allRows(
    session,
    `SELECT c.relname AS "table", count(part.oid)::int AS parts
     FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = 'public'
     LEFT JOIN pg_inherits i ON i.inhparent = c.oid LEFT JOIN pg_class part ON part.oid = i.inhrelid
     WHERE c.relkind = 'p' AND c.relname IN (${Object.values(UNIONS)
       .flatMap((tables) => tables.map(({ table }) => `'${table}'`))
       .join(', ')})
     GROUP BY c.relname
     HAVING abs(coalesce(sum(1 / substring(pg_get_expr(part.relpartbound, part.oid) FROM 'modulus (\\d+)')::numeric), 0) - 1) > 1e-6
     ORDER BY 1`,
  );
  return rows.map((row) => ({ table: row['table'] as string, parts: row['parts'] as number }));
}
