import { CliError, EXIT } from '@ta/cli-kit';

/** A node of PostgreSQL's parse tree: an object with one property, whose name is the kind of node. */
type Node = Readonly<Record<string, unknown>>;
type Fields = Readonly<Record<string, unknown>>;

/** The statements that only read. Any other may have lasting effects even in a transaction that is rolled back. */
const LIST = 'SELECT, VALUES, TABLE, SHOW, COPY … TO STDOUT, and EXPLAIN (with ANALYZE only of these)';

/**
 * Refuses a statement that does more than read, judged by PostgreSQL's own parse tree.
 *
 * @returns the form of its result: rows, or the bytes of a COPY
 * @throws CliError `CLI_SQL` when it cannot be parsed; `CLI_SQL_WRITES` when it does more than read
 */
export async function assertReads(sql: string): Promise<'rows' | 'copy'> {
  if (isPlainQuery(sql)) return 'rows';
  const statements = await parse(sql);
  assertSingle(statements);
  const [statement] = statements;
  if (statement === undefined) throw new CliError('CLI_NO_STATEMENT', 'The SQL statement is empty');
  if (isCopyOut(statement)) {
    assertText(statement);
    return 'copy';
  }
  if (!isReading(statement)) {
    const kind = (Object.keys(statement)[0] as string).replace(/Stmt$/, '');
    throw refusal('CLI_SQL_WRITES', `A statement of the kind ${kind} is not read-only`, HINTS[kind] ?? WRITE_HINT);
  }
  return 'rows';
}

/**
 * Refuses several statements in one text. A text that cannot be parsed passes, for the server to report.
 *
 * @throws CliError `CLI_SQL`
 */
export async function assertOneStatement(sql: string): Promise<void> {
  if (!SECOND.test(sql)) return;
  assertSingle(await parse(sql).catch(() => []));
}

/**
 * Refuses COPY … TO STDOUT with `--write`, which would not print its rows. A text that cannot be parsed passes, for the server to report.
 *
 * @throws CliError `CLI_SQL`
 */
export async function assertCopiesNothing(sql: string): Promise<void> {
  if (!/^\s*copy\b/i.test(sql)) return;
  const statements = await parse(sql).catch(() => []);
  if (statements.some(isCopyOut)) throw refusal('CLI_SQL', 'COPY … TO STDOUT reads', 'Leave --write out.');
}

/** Whether the result of a statement is rows, not a number of rows changed; of a text that cannot be parsed its words decide. */
export async function returnsRows(sql: string): Promise<boolean> {
  const [statement] = await parse(sql).catch((): Node[] => []);
  if (statement === undefined) return ROWS.test(sql);
  const [[kind, fields]] = Object.entries(statement) as [string, Fields][];
  if (kind === 'SelectStmt') return fields['intoClause'] === undefined;
  return (
    kind === 'VariableShowStmt' || kind === 'ExplainStmt' || Object.keys(fields).some((key) => /^returning/.test(key))
  );
}

const ROWS = /^\s*(select|with|values|table|show|explain)\b|\breturning\b/i;

function assertSingle(statements: readonly Node[]): void {
  if (statements.length <= 1) return;
  const message = `There are ${statements.length} statements; \`ta sql\` runs one statement`;
  throw refusal('CLI_SQL', message, 'Run it once for each of them.');
}

/** A semicolon with something after it. */
const SECOND = /;(?!\s*$)/;

/**
 * Whether the words of a text alone show that it is a query: it begins as one, and contains no word (not even in a comment) that could
 * make it anything else. Most queries so need no parser, which takes as long to load as a query takes to run.
 */
function isPlainQuery(sql: string): boolean {
  const isWhole = !SECOND.test(sql) && (sql.match(/'/g)?.length ?? 0) % 2 === 0;
  return isWhole && /^\s*(select|values|table|with)\b/i.test(sql) && !/into|insert|update|delete|merge/i.test(sql);
}

const WRITE_HINT = `To change data, add --write. Allowed without it: ${LIST}.`;
const HINTS: Readonly<Record<string, string>> = {
  Copy: 'COPY … TO STDOUT reads: ta sql "COPY (SELECT …) TO STDOUT (FORMAT csv)" > FILE',
};

async function parse(sql: string): Promise<Node[]> {
  const { loadModule, parseSync } = await import('libpg-query');
  await loadModule();
  try {
    const { stmts = [] } = parseSync(sql) as unknown as { stmts?: readonly { readonly stmt: Node }[] };
    return stmts.map(({ stmt }) => stmt);
  } catch (error) {
    throw refusal('CLI_SQL', error instanceof Error ? error.message : String(error));
  }
}

function isReading(statement: Node): boolean {
  if ('VariableShowStmt' in statement) return true;
  const explain = statement['ExplainStmt'] as Fields | undefined;
  if (explain !== undefined) return !isCarriedOut(explain) || isQuery(explain['query'] as Node);
  return isQuery(statement);
}

/** COPY of a table or a query to the client, not to a file or a program. */
function isCopyOut(statement: Node): boolean {
  const copy = statement['CopyStmt'] as Fields | undefined;
  if (copy === undefined || copy['is_from'] === true || copy['is_program'] === true || copy['filename'] !== undefined) {
    return false;
  }
  return copy['query'] === undefined || isQuery(copy['query'] as Node);
}

/** Refuses a COPY that is not text in UTF-8, since its bytes are printed. */
function assertText(copy: Node): void {
  const options = ((copy['CopyStmt'] as Fields)['options'] ?? []) as readonly Node[];
  for (const option of options) {
    const { defname, arg } = option['DefElem'] as Fields;
    const value = ((arg as Fields | undefined)?.['String'] as Fields | undefined)?.['sval'];
    if (defname !== 'encoding' && !(defname === 'format' && value === 'binary')) continue;
    throw refusal(
      'CLI_SQL',
      'COPY … TO STDOUT is printed as text in UTF-8',
      'Use FORMAT csv or text, without ENCODING.',
    );
  }
}

/** A SELECT (also VALUES and TABLE) that creates and changes no table in any of its parts, including every WITH. */
function isQuery(statement: Node): boolean {
  return 'SelectStmt' in statement && !someKey(statement, (key) => key === 'intoClause' || WRITING.test(key));
}

const WRITING = /^(Insert|Update|Delete|Merge)Stmt$/;

function someKey(value: unknown, matches: (key: string) => boolean): boolean {
  if (Array.isArray(value)) return value.some((item) => someKey(item, matches));
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(value).some(([key, inner]) => matches(key) || someKey(inner, matches));
}

/** EXPLAIN ANALYZE; the option counts as given whatever its value. */
function isCarriedOut(explain: Fields): boolean {
  const options = (explain['options'] ?? []) as readonly Node[];
  return options.some((option) => (option['DefElem'] as Fields | undefined)?.['defname'] === 'analyze');
}

function refusal(code: `CLI_${string}`, message: string, hint?: string): CliError {
  return new CliError(code, message, { exitCode: EXIT.failed, hint });
}
