import type { Session } from '@ta/state-store';
import type { FindingEntry, Findings } from '../api.ts';

type Row = Omit<FindingEntry, 'checkedMs'> & { readonly checkedAt: Date };

/** The newest rows of `ops_validation_results`, by its key. */
export async function readFindings(session: Session, limit: number): Promise<Findings> {
  const rows = await session.query<Row>(
    `SELECT result_id AS "resultId", run_id AS "runId", checked_at AS "checkedAt", "check", name, severity, status,
       table_name AS "table", id, tf, period, key, expected, actual, message
     FROM ops_validation_results ORDER BY result_id DESC LIMIT $1`,
    [limit + 1],
  );
  const results = rows.slice(0, limit).map(({ checkedAt, ...row }) => ({ ...row, checkedMs: checkedAt.getTime() }));
  return { results, isCut: rows.length > limit };
}
