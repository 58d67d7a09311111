import { StoreError } from '@ta/state-store';
import type { Found } from '../finding.ts';

/**
 * Runs a recomputation; data that the cores or the decoder refuse (two bars on one day, an infinite instant) are a finding and
 * not a failure of the check. Errors of the database itself are rethrown.
 */
export async function foundUnlessUnreadable(
  table: string,
  id: number,
  work: () => Promise<readonly Found[]>,
): Promise<readonly Found[]> {
  try {
    return await work();
  } catch (error) {
    if (!isAboutData(error)) throw error;
    const message = `id ${id}: cannot be recomputed: ${error.message}`;
    return [{ table, id, message, severity: 'CRITICAL', detail: { kind: 'unreadable' } }];
  }
}

/** Whether an error means that the cores or the decoder refused data, not that the database refused a statement. */
export function isAboutData(error: unknown): error is Error {
  if (!(error instanceof Error)) return false;
  if (error instanceof StoreError) {
    return error.sqlstate === undefined && (error.code === 'STORE_QUERY' || error.code === 'STORE_RANGE');
  }
  const code = 'code' in error ? String(error.code) : '';
  return code.startsWith('BARS_') || code.startsWith('EMA_');
}
