import { utcDayText } from '@ta/bars-core/engine';
import { logChanges, readUntracedChanges, type Session, type UntracedChange } from '@ta/state-store';
import { warning, type Notice } from './run-report.ts';

/**
 * Looks for source changes that are missing in the invalidation log, and adds them to it, so that this run processes them
 * (docs/state-management.md#rules, `--deep-check`).
 *
 * @returns notices for the operator, by id
 */
export async function logUntracedChanges(
  tx: Session,
  ids: readonly number[],
): Promise<{ readonly id: number; readonly notice: Notice }[]> {
  const found = await readUntracedChanges(tx, ids);
  await logChanges(
    tx,
    found.map(({ id, fromTs, lastTs }) => ({ id, firstTs: fromTs, lastTs, rows: 0 })),
  );
  return found.map((change) => ({ id: change.id, notice: warning('untraced_change', textOf(change)) }));
}

function textOf({ id, fromTs, rowsNow, rowsInState, unaccounted, hasNewerLoad }: UntracedChange): string {
  const reasons = [
    ...(rowsNow === rowsInState ? [] : [`${rowsNow} rows up to the watermark, ${rowsInState ?? 'none'} in the state`]),
    ...(unaccounted > 0 ? [`${unaccounted} rows are neither bar nor reject`] : []),
    ...(unaccounted < 0 ? [`${-unaccounted} bars or rejects have no row`] : []),
    ...(hasNewerLoad ? ['rows loaded after the newest load time in the state'] : []),
  ];
  const why = reasons.length === 0 ? 'the first row is a different one' : reasons.join('; ');
  return `Source of ID ${id} changed without an entry in the change log (${why}); read again from ${utcDayText(fromTs)}`;
}
