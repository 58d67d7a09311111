import { readValidationFindings, type Session } from '@ta/state-store';
import type { Findings } from '../api.ts';

/** The newest rows of `ops_validation_results`, by its key. */
export async function readFindings(session: Session, limit: number): Promise<Findings> {
  const rows = await readValidationFindings(session, limit + 1);
  const results = rows.map(({ checkedAt, ...row }) => ({ ...row, checkedMs: checkedAt.getTime() }));
  const [beyond] = results.splice(limit);
  return { results, next: beyond === undefined ? null : { runId: beyond.runId, checkedMs: beyond.checkedMs } };
}
