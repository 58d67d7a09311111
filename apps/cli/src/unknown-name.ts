import { CliError, EXIT, nearestName } from '@ta/cli-kit';
import { StoreError, type Database } from '@ta/state-store/open';

/** What a statement may name: how the server says that it does not exist, and where the names that do are found. */
const KINDS: Readonly<Record<string, { noun: 'table' | 'column'; said: RegExp; names: string }>> = {
  '42P01': {
    noun: 'table',
    said: /^relation "(?:[^"]*\.)?([^".]+)" does not exist/,
    names: `SELECT relname AS name, relname AS of FROM pg_class WHERE pg_table_is_visible(oid)
      AND relkind IN ('r', 'p', 'v', 'm') AND relnamespace <> 'pg_catalog'::regnamespace ORDER BY relname`,
  },
  '42703': {
    noun: 'column',
    said: /^column "?(?:[^".]+\.)?([^" .]+)"? does not exist/,
    names: `SELECT attname AS name, relname AS of FROM pg_attribute JOIN pg_class c ON c.oid = attrelid
      WHERE pg_table_is_visible(c.oid) AND relkind IN ('r', 'p', 'v', 'm') AND relnamespace <> 'pg_catalog'::regnamespace
      AND attnum > 0 AND NOT attisdropped ORDER BY relname, attnum`,
  },
};

/** A table or column that exists. */
interface KnownName {
  readonly name: string;
  /** Its table. */
  readonly of: string;
}

/**
 * Runs a statement that an operator typed. A table or column that does not exist is a mistyped name here, for the schema
 * was found good before: the nearest one that does exist is named, among columns one of the statement's own tables.
 *
 * @param statement the text, for the tables that it names
 * @throws CliError `CLI_UNKNOWN_TABLE`, `CLI_UNKNOWN_COLUMN` (exit code 2)
 */
export async function withKnownNames<T>(database: Database, statement: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const kind = error instanceof StoreError ? KINDS[error.sqlstate ?? ''] : undefined;
    if (kind === undefined) throw error;
    const { message } = error as StoreError;
    const typed = kind.said.exec(message)?.[1];
    if (typed === undefined) throw new CliError('CLI_SQL', message, { exitCode: EXIT.failed, cause: error });
    const rows = await database.session((session) => session.query<KnownName>(kind.names));
    throw new CliError(`CLI_UNKNOWN_${kind.noun.toUpperCase()}`, `There is no ${kind.noun} "${typed}"`, {
      hint: kind.noun === 'table' ? tableHint(typed, rows) : columnHint(typed, statement, rows),
      cause: error,
    });
  }
}

function tableHint(typed: string, tables: readonly KnownName[]): string {
  const near = nearestName(typed, namesOf(tables));
  return near === undefined ? 'The tables are listed in docs/state-management.md.' : `Did you mean ${near}?`;
}

/** Another table may well have a column of that very name. */
function columnHint(typed: string, statement: string, columns: readonly KnownName[]): string {
  const words = new Set(statement.toLowerCase().match(/[a-z0-9_]+/g));
  const own = columns.filter(({ of }) => words.has(of));
  const others = (own.length > 0 ? own : columns).filter(({ name }) => name !== typed);
  const near = nearestName(typed, [...new Set(namesOf(others))]);
  const meant = near === undefined ? [] : [`Did you mean ${near}?`];
  const tables = [...new Set(own.map(({ of }) => of))];
  const lists = tables.map((table) => `${table} has ${namesOf(own.filter(({ of }) => of === table)).join(', ')}.`);
  if (meant.length + lists.length === 0) return 'The columns of each table are listed in docs/state-management.md.';
  return [...meant, ...lists].join(' ');
}

function namesOf(known: readonly KnownName[]): string[] {
  return known.map(({ name }) => name);
}
