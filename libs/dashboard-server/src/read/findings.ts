import { readValidationFindings, type Session } from '@ta/state-store';
import type { Findings } from '../api.ts';

/** The newest rows of `ops_validation_results`, by its key. */
export async function readFindings(session: Session, limit: number): Promise<Findings> {
  const rows = await readValidationFindings(session, limit + 1);
  const results = rows.slice(0, limit).map(({ checkedAt, ...row }) => ({ ...row, checkedMs: checkedAt.getTime() }));
  return { results, isCut: rows.length > limit };
}
