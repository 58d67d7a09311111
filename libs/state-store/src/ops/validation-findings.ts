import type { Session } from '../connect/database.ts';

/** One row of `ops_validation_results`: a check, or a finding of one. */
export interface ValidationFinding {
  readonly resultId: number;
  readonly runId: string | null;
  readonly checkedAt: Date;
  readonly check: string;
  readonly name: string;
  readonly severity: string;
  readonly status: string;
  readonly table: string | null;
  readonly id: number | null;
  readonly tf: string | null;
  readonly period: number | null;
  readonly key: string | null;
  readonly expected: string | null;
  readonly actual: string | null;
  readonly message: string | null;
}

/** The newest rows, by the key of the table. */
export function readValidationFindings(session: Session, limit: number): Promise<ValidationFinding[]> {
  return session.query(
    `SELECT result_id AS "resultId", run_id AS "runId", checked_at AS "checkedAt", "check", name, severity, status,
       table_name AS "table", id, tf, period, key, expected, actual, message
     FROM ops_validation_results ORDER BY result_id DESC LIMIT $1`,
    [limit],
  );
}
