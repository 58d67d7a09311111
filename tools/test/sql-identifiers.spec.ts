import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

const ROOT = path.resolve(import.meta.dirname, '../..');

/** What makes a text a statement, and after what in it a name is expected. */
const STATEMENT =
  /\b(SELECT|INSERT INTO|UPDATE|DELETE FROM|COPY|CREATE|ALTER|DROP|TRUNCATE|FROM|WHERE|ORDER BY|VALUES|JOIN|LOCK|ATTACH|GRANT|SAVEPOINT|EXPLAIN|ANALYZE)\b/;
const BEFORE_NAME =
  /(?:\b(?:FROM|JOIN|INTO|UPDATE|TABLE|COPY|PARTITION|ON ONLY|VIEW|INDEX|SCHEMA|TRUNCATE|SAVEPOINT|ANALYZE|EXISTS|OF|ADD COLUMN|ORDER BY|GROUP BY|SET ROLE|ALTER|DROP)\s+(?:public\.)?"?|\.|")$/;

/** Where a name may come from whatever the file: constants, tables of the store, and what quotes or makes SQL itself. */
const FROM_CONSTANTS = [
  /^[A-Z][A-Z_]+$/,
  /^([A-Z][A-Z_]+(\[[^\]]+\])?|table|facts|keyed)\.(table|stateTable)$/,
  /^quoteIdentifier\(/,
  /^scope\.ended$/, // a savepoint: ta_ and a number
  /^(valuesSql|instantSql|withDay)\(/,
  /^(context\.)?rows\.(source|daily|dailyRejects|bars|emas)\(.*\)$/,
];

/** Names of one file, looked at one by one: where each comes from. An entry that is not needed any more fails. */
const REVIEWED: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'apps/cli/src/commands/db.ts': { table: 'of the lists of the store, and printed only' },
  'libs/state-store/src/connect/back-up-folder.ts': { name: "of format('%I.%I'), which quotes" },
  'libs/state-store/src/connect/session-scope.ts': { name: 'ta_ and a number' },
  'libs/state-store/src/convert.ts': {
    name: 'regclass::text, which the server quotes',
    oldTable: 'of a Conversion, written out',
    record: 'of a Conversion, written out',
  },
  'libs/state-store/src/convert-bars.ts': { bars: 'written out where it is called', stateTable: 'of BAR_TABLES' },
  'libs/state-store/src/migrate.ts': { record: 'one of two names written out' },
  'libs/state-store/src/read/daily-bars.ts': { table: 'of two names written out' },
  'libs/state-store/src/ops/validation-findings.ts': { source: 'of recordsetOf, which quotes' },
  'libs/state-store/src/partition.ts': {
    table: 'quoted, of BAR_TABLES and EMA_TABLES',
    old: 'the same with _old',
    part: 'the same with a number, or regclass::text',
    'publicName(name)': 'quoted, of the same lists',
    parent: 'regclass::text, which the server quotes',
  },
  'libs/state-store/src/read/bar-series.ts': { table: 'of BAR_TABLES', order: 'ASC or DESC, with names written out' },
  'libs/state-store/src/read/bar-states.ts': { stateTable: 'of BAR_TABLES' },
  'libs/state-store/src/read/keyed-rows.ts': {
    table: 'of a KeyedTable',
    "CLOSED_EMAS_KEY.join(', ')": 'names written out',
  },
  'libs/state-store/src/read/newest-days.ts': { column: 'names written out where it is called' },
  'libs/state-store/src/read/rejects.ts': { table: 'written out where it is called' },
  'libs/state-store/src/read/source.ts': { table: 'of a list written out' },
  'libs/state-store/src/read/state-groups.ts': { stateTable: 'of BAR_TABLES' },
  'libs/state-store/src/write/assets.ts': { table: 'of TABLES_BY_ASSET, and names written out' },
  'libs/state-store/src/write/replace-daily-rows.ts': { table: 'of a KeyedTable', timeColumn: 'of a KeyedTable' },
  'libs/state-store/src/write/json-rows.ts': { source: 'of recordsetOf, which quotes' },
  'libs/state-store/src/write/rejects.ts': { source: 'of recordsetOf, which quotes' },
  'libs/validation/src/run-checks.ts': { from: 'of a RowSelection' },
  'libs/validation/src/assets.ts': { table: 'written out where it is called' },
  'libs/validation/src/check-context.ts': { table: 'of the list of a check' },
  'libs/validation/src/checks/bars/b04-ohlc.ts': { rows: 'of a RowSelection' },
  'libs/validation/src/checks/bars/b05-time-order.ts': { rows: 'of a RowSelection', extreme: 'time_high or time_low' },
  'libs/validation/src/checks/bars/b06-non-finite.ts': { rows: 'of a RowSelection' },
  'libs/validation/src/checks/bars/b08-source-match.ts': { rows: 'of a RowSelection' },
  'libs/validation/src/checks/bars/b13-state-tf.ts': { newest: 'a sub-SELECT of its own' },
  'libs/validation/src/checks/emas/e01-duplicates.ts': { rows: 'of a RowSelection' },
  'libs/validation/src/checks/emas/e02-finite.ts': { 'context.rows.packedEmas(table)': 'of a RowSelection' },
  'libs/validation/src/page/read-calendar.ts': { table: 'of BAR_TABLES and EMA_TABLES' },
  'libs/validation/src/page/read-place.ts': { table: 'of BAR_TABLES', time: 'of BAR_TABLES', from: 'one of the two' },
  'libs/validation/src/recompute/civil-days.ts': { selected: 'of a RowSelection' },
  'libs/validation/src/recompute/second-bars.ts': {
    column: 'written out',
    date: 'an expression of its own',
    day: 'a column written out where it is called',
  },
  'libs/validation/src/recompute/second-run.ts': { time: 'written out where it is called' },
  'libs/validation/src/sql/differences.ts': { expected: 'a sub-SELECT of a check' },
  'libs/validation/src/state/verify-state.ts': {
    table: 'of BAR_TABLES',
    stateTable: 'of BAR_TABLES',
    stored: 'a sub-SELECT of its own',
  },
  'libs/validation/src/sql/with-day.ts': { rows: 'of a RowSelection', timeColumn: 'written out where it is called' },
  'libs/validation/src/sql/row-selection.ts': {
    table: 'written out, or of BAR_TABLES',
    time: 'the same',
    rows: 'a sub-SELECT of its own',
    'packedEmas(table)': 'a sub-SELECT of its own',
  },
};

interface Name {
  readonly file: string;
  readonly expression: string;
}

/** Expressions that stand where a statement has a name. */
function namesIn(file: string, text: string): Name[] {
  const names: Name[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isTemplateExpression(node)) {
      const literals = [node.head.text, ...node.templateSpans.map(({ literal }) => literal.text)];
      node.templateSpans.forEach(({ expression }, i) => {
        if (!STATEMENT.test(literals.join(' ')) || !BEFORE_NAME.test(literals[i] as string)) return;
        names.push({ file, expression: expression.getText().replace(/\s+/g, ' ') });
      });
    }
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true));
  return names;
}

const isConstant = ({ expression }: Name) => FROM_CONSTANTS.some((form) => form.test(expression));
const isReviewed = ({ file, expression }: Name) => expression in (REVIEWED[file] ?? {});

describe('names in SQL', () => {
  const sources = execFileSync('git', ['ls-files', 'libs/*/src/*.ts', 'apps/*/src/*.ts'], {
    cwd: ROOT,
    encoding: 'utf8',
  })
    .split('\n')
    .filter((file) => file !== '' && !file.endsWith('.spec.ts') && !file.startsWith('apps/dashboard/'));
  const names = sources.flatMap((file) => namesIn(file, readFileSync(path.join(ROOT, file), 'utf8')));

  it('come from constants', () => {
    expect(names.length).toBeGreaterThan(100);
    expect(names.filter((name) => !isConstant(name) && !isReviewed(name))).toStrictEqual([]);
  });

  it('were looked at where a form does not tell, and are still there', () => {
    const reviewed = Object.entries(REVIEWED).flatMap(([file, of]) =>
      Object.keys(of).map((expression) => ({ file, expression })),
    );
    const isUsed = ({ file, expression }: Name) =>
      names.some((name) => name.file === file && name.expression === expression && !isConstant(name));
    expect(reviewed.filter((name) => !isUsed(name))).toStrictEqual([]);
  });

  it('of a new statement are noticed', () => {
    const found = namesIn('a.ts', 'run(`SELECT "${flags.column}" FROM ${flags.table} WHERE id = ${idSql(id)}`)');
    expect(found.filter((name) => !isConstant(name)).map(({ expression }) => expression)).toStrictEqual([
      'flags.column',
      'flags.table',
    ]);
  });
});
