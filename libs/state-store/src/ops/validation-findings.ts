import { getTableColumns } from 'drizzle-orm';
import type { Session } from '../connect/database.ts';
import { validationResults } from '../schema/ops.ts';
import { recordsetOf, type SmallRow } from '../write/json-rows.ts';

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

/** A row to append: a check with its status, or a finding of one. */
export type NewValidationRow = SmallRow<typeof validationResults>;

/** Rows written with one statement. */
const BATCH = 1000;

/** Appends rows and returns how many they were. `checked_at` is one instant for all rows of a transaction. */
export async function saveValidationRows(tx: Session, rows: readonly NewValidationRow[]): Promise<number> {
  const { resultId: _, checkedAt: __, ...given } = getTableColumns(validationResults);
  const properties = Object.keys(given) as (keyof typeof given)[];
  let written = 0;
  for (let from = 0; from < rows.length; from += BATCH) {
    const { columns, source, json } = recordsetOf(validationResults, properties, rows.slice(from, from + BATCH));
    const list = columns.join(', ');
    written += await tx.run(`INSERT INTO ops_validation_results (${list}) SELECT ${list} FROM ${source}`, [json]);
  }
  return written;
}
