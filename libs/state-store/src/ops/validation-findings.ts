import { desc, getTableColumns } from 'drizzle-orm';
import type { Session } from '../connect/database.ts';
import { validationResults } from '../schema/ops.ts';
import { recordsetOf, type SmallRow } from '../write/json-rows.ts';

/** The newest rows of `ops_validation_results`, newest first: results of checks, and their findings. */
export async function readValidationFindings(session: Session, limit: number) {
  const { tableName: table, diff: _, detail: __, ...others } = getTableColumns(validationResults);
  const rows = session.orm.select({ ...others, table }).from(validationResults);
  return rows.orderBy(desc(validationResults.resultId)).limit(limit);
}
export type ValidationFinding = Awaited<ReturnType<typeof readValidationFindings>>[number];

/** A row to append: the result of a check, or one of its findings. */
export type NewValidationRow = SmallRow<typeof validationResults>;

/** Rows written with one statement. */
const BATCH = 1000;

/** Appends rows and returns their number. `checked_at` is one instant for all rows of a transaction. */
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
