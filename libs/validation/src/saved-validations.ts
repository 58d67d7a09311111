import type { Session } from '@ta/state-store';

/** A validation as stored by `--save`. */
export interface SavedValidation extends Record<string, unknown> {
  readonly runId: string;
  readonly checkedAt: Date;
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly findings: number;
  /** Ids of the checks that failed, such as `B16, E07`; null without any. */
  readonly failedChecks: string | null;
}

/**
 * The validations in `ops_validation_results`, the newest first. Rows without a table are checks, the others findings.
 *
 * @param limit the largest number of validations that are returned
 */
export function readSavedValidations(session: Session, limit: number): Promise<SavedValidation[]> {
  const count = (status: string) => `count(*) FILTER (WHERE status = '${status}')`;
  return session.query<SavedValidation>(
    `SELECT run_id AS "runId", max(checked_at) AS "checkedAt", ${count('PASS')} AS passed, ${count('FAIL')} AS failed,
       ${count('SKIPPED')} AS skipped, coalesce(sum((detail ->> 'findings')::int8), 0)::int8 AS findings,
       string_agg("check", ', ' ORDER BY "check") FILTER (WHERE status = 'FAIL') AS "failedChecks"
     FROM ops_validation_results WHERE table_name IS NULL GROUP BY run_id ORDER BY max(checked_at) DESC, run_id LIMIT $1`,
    [limit],
  );
}
