import { CliError, EXIT, nearestName } from '@ta/cli-kit';
import {
  readColumnNames,
  readTableNames,
  StoreError,
  type Database,
  type KnownName,
  type Session,
} from '@ta/state-store/open';

interface Kind {
  readonly noun: 'table' | 'column';
  readonly said: RegExp;
  readonly names: (session: Session) => Promise<KnownName[]>;
}

/** For tables and columns: the server's message about one that does not exist, and the query for those that do. */
const KINDS: Readonly<Record<string, Kind>> = {
  '42P01': {
    noun: 'table',
    said: /^relation "(?:[^"]*\.)?([^".]+)" does not exist/,
    names: readTableNames,
  },
  '42703': {
    noun: 'column',
    said: /^column "?(?:[^".]+\.)?([^" .]+)"? does not exist/,
    names: readColumnNames,
  },
};

/**
 * Runs a statement that an operator typed. The schema was checked before, so an unknown table or column is a typing mistake: the
 * error suggests the nearest existing name (for a column, one of the tables in the statement).
 *
 * @param statement the text, in which the tables are looked up
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
    const rows = await database.session(kind.names);
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

/** The hint for an unknown column; another table may have a column with exactly this name. */
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
