import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

const ROOT = path.resolve(import.meta.dirname, '../..');

/** What only a statement looks like: its first words, and what has to follow. */
const STATEMENT =
  /\bSELECT\b[^]*\bFROM\b|\bSELECT\s+\w+\(|\bINSERT INTO\b|\bDELETE FROM\b|\bUPDATE\s+\S+\s+SET\b|\bSET (LOCAL|SESSION)\b|^\s*(SHOW|BEGIN|COMMIT|ROLLBACK|LOCK|TRUNCATE|VACUUM|ANALYZE)\b\s*\w*$|\bCOPY\b[^]*\b(TO STDOUT|FROM STDIN)\b|\b(CREATE|ALTER|DROP) (TABLE|INDEX|VIEW|SCHEMA|FUNCTION|TRIGGER)\b/;

/** Projects whose purpose is SQL of their own, and why they need it. */
const PROJECTS: Readonly<Record<string, string>> = {
  'libs/state-store/': 'the place of SQL',
  'libs/validation/': 'each check is a statement of its own, written apart from the code that it judges',
  'libs/work-queue/': 'tables of pg-boss, which nothing else touches',
};

/** Files elsewhere, and what their statements are. An entry that is not needed any more fails. */
const FILES: Readonly<Record<string, string>> = {
  'apps/cli/src/commands/db.ts': 'a message: what to type on a server with Citus',
  'apps/cli/src/commands/demo.ts': 'a message: a statement to try',
  'apps/cli/src/commands/export.ts': 'a message: how to list timeframes',
  'apps/cli/src/reading-statement.ts': 'messages: how to print rows by COPY',
};

/** Texts in a file that are statements. */
function statementsIn(file: string, text: string): string[] {
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    const isText = ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node);
    const written = ts.isTemplateExpression(node)
      ? [node.head.text, ...node.templateSpans.map(({ literal }) => literal.text)].join('x')
      : isText
        ? node.text
        : '';
    if (STATEMENT.test(written)) found.push(written);
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true));
  return found;
}

describe('SQL', () => {
  const sources = execFileSync('git', ['ls-files', 'libs/*/src/*.ts', 'apps/*/src/*.ts'], {
    cwd: ROOT,
    encoding: 'utf8',
  })
    .split('\n')
    .filter((file) => file !== '' && !file.endsWith('.spec.ts'));
  const withStatements = sources.filter(
    (file) => statementsIn(file, readFileSync(path.join(ROOT, file), 'utf8')).length > 0,
  );

  it('has its place in libs/state-store', () => {
    expect(withStatements.length).toBeGreaterThan(30);
    const elsewhere = withStatements.filter((file) => !Object.keys(PROJECTS).some((folder) => file.startsWith(folder)));
    expect(elsewhere).toStrictEqual(Object.keys(FILES));
  });

  it.each([
    'session.query(`SELECT id FROM ${table}`)',
    "tx.run('SET LOCAL statement_timeout = 1')",
    'tx.query(`SELECT set_config($1, $2, true)`)',
    'tx.run(`DELETE FROM dim_assets WHERE id = ${id}`)',
    "tx.query('SHOW is_superuser')",
  ])('is recognised in %s', (text) => {
    expect(statementsIn('a.ts', text)).toHaveLength(1);
  });

  it('is not what merely names such words', () => {
    expect(statementsIn('a.ts', "hint('SELECT, VALUES and SHOW read'); run('COPY is refused')")).toStrictEqual([]);
  });
});
