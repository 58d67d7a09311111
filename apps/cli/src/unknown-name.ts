import { CliError, EXIT, nearestName } from '@ta/cli-kit';
import { StoreError, type Database } from '@ta/state-store';

/** What a statement may name: how the server says that it does not exist, and where the names that do are found. */
const KINDS: Readonly<Record<string, { noun: string; said: RegExp; names: string }>> = {
  '42P01': {
    noun: 'table',
    said: /^relation "(?:[^"]*\.)?([^".]+)" does not exist/,
    names: `SELECT relname AS name FROM pg_class WHERE pg_table_is_visible(oid) AND relkind IN ('r', 'p', 'v', 'm')
      AND relnamespace <> 'pg_catalog'::regnamespace ORDER BY relname`,
  },
  '42703': {
    noun: 'column',
    said: /^column "?(?:[^".]+\.)?([^" .]+)"? does not exist/,
    names: `SELECT DISTINCT attname AS name FROM pg_attribute JOIN pg_class c ON c.oid = attrelid
      WHERE pg_table_is_visible(c.oid) AND relnamespace <> 'pg_catalog'::regnamespace AND attnum > 0 AND NOT attisdropped
      ORDER BY attname`,
  },
};

/**
 * Runs a statement that an operator typed. A table or column that does not exist is a mistyped name here, for the schema
 * was found good before: the nearest one that does exist is named.
 *
 * @throws CliError `CLI_UNKNOWN_TABLE`, `CLI_UNKNOWN_COLUMN` (exit code 2)
 */
export async function withKnownNames<T>(database: Database, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const kind = error instanceof StoreError ? KINDS[error.sqlstate ?? ''] : undefined;
    if (kind === undefined) throw error;
    const { message } = error as StoreError;
    const typed = kind.said.exec(message)?.[1];
    if (typed === undefined) throw new CliError('CLI_SQL', message, { exitCode: EXIT.failed, cause: error });
    const rows = await database.session((session) => session.query<{ name: string }>(kind.names));
    const near = nearestName(
      typed,
      rows.map(({ name }) => name),
    );
    throw new CliError(`CLI_UNKNOWN_${kind.noun.toUpperCase()}`, `There is no ${kind.noun} "${typed}"`, {
      hint: near === undefined ? 'The tables are listed in docs/state-management.md.' : `Did you mean ${near}?`,
      cause: error,
    });
  }
}
