import type { Session } from '../connect/database.ts';
import { EARLIEST_INSTANT_SQL, LATEST_INSTANT_SQL } from '../instant-range.ts';
import { whereIds } from '../sql-conditions.ts';
import { readObjects, type RowColumns } from './copy-select.ts';

/** The entries of the invalidation log for one id, combined. */
export interface SourceChanges {
  /** Earliest and latest touched close instant, epoch ms; null when nothing is logged. */
  readonly firstTs: number | null;
  readonly lastTs: number | null;
  /** Numbers of rows inserted, updated and deleted, summed over the statements. */
  readonly rows: number;
}

/** No logged changes. */
export const NO_CHANGES: SourceChanges = { firstTs: null, lastTs: null, rows: 0 };

const COLUMNS: RowColumns<SourceChanges & { id: number }> = {
  id: ['int4', 'id'],
  firstTs: ['timestamptz', `least(greatest(min(first_ts), ${EARLIEST_INSTANT_SQL}), ${LATEST_INSTANT_SQL})`],
  lastTs: ['timestamptz', `least(max(last_ts), ${LATEST_INSTANT_SQL})`],
  rows: ['int8', 'sum(rows)::int8'],
};

/** The logged changes that have not been processed, by id. Ids without changes are absent. */
export async function readChanges(
  session: Session,
  ids?: readonly number[],
): Promise<ReadonlyMap<number, SourceChanges>> {
  return changesOf(session, (columns) => `SELECT ${columns} FROM cmc_price_histories7_changes ${whereIds(ids)}`);
}

/** The entries that a statement returns, combined by id. @param select makes the statement from the SQL of the columns */
export async function changesOf(
  session: Session,
  select: (columns: string) => string,
): Promise<Map<number, SourceChanges>> {
  const grouped = (columns: string) => `${select(columns)} GROUP BY id ORDER BY id`;
  const rows = await readObjects(session, 'source changes', COLUMNS, grouped);
  return new Map(rows.map(({ id, ...changes }) => [id, changes]));
}
