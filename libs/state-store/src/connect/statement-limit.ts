import type { Session } from './database.ts';

/**
 * Makes the server cancel any statement of this transaction that takes longer than the limit; a stricter limit of the
 * operator stays in force. An embedded database has no such limit.
 *
 * @param limitMs whole milliseconds, above 0
 */
export async function limitStatements(tx: Session, limitMs: number): Promise<void> {
  if (tx.engine !== 'postgres') return;
  await tx.query(
    `SELECT set_config('statement_timeout', least($1::int8, nullif(${OPERATOR_LIMIT_MS}, 0))::text, true)`,
    [limitMs],
  );
}

/** The limit set by the server, the database or the role; 0 means none. */
const OPERATOR_LIMIT_MS = `(extract(epoch FROM current_setting('statement_timeout')::interval) * 1000)::int8`;
