import { BAR_FAMILIES, type BarFamily } from '@ta/bars-core/engine';
import type { Session } from '../connect/database.ts';
import { quoteLiteral } from '../copy/layout.ts';
import { BAR_TABLES } from '../tables/bar-tables.ts';
import { required } from '../tables/keyed-table.ts';
import { unsealed } from '../tables/state-seal.ts';
import { idSql } from '../sql-conditions.ts';
import { copyQuery, groupedBy, nullIfNaN } from './copy-select.ts';

/**
 * State of the bars of one id and timeframe. Instants are epoch ms UTC, NaN if there is none; stamps
 * (`…AtMs`) have microseconds as fraction and are only compared for equality.
 */
export interface BarStateRow {
  readonly tf: string;
  /** IANA zone the bars were built in. */
  readonly zone: string;
  /** The specification of the bars, as text (`specOf`); a change causes a rebuild. */
  readonly spec: string;
  /** First and last daily row processed; the computation continues after the last. */
  readonly dailyMinTs: number;
  readonly dailyMaxTs: number;
  /** Number of the newest bar; null when there is none. */
  readonly lastBarSeq: number | null;
  /** Newest row of a bar, `last_time_close`; NaN when there is no bar. */
  readonly lastCloseTs: number;
  /** Number of daily rows processed. */
  readonly rowsSeen: number;
  /** Stamp of the build of daily bars from which these bars were built, and the last applied revision of that build. */
  readonly sourceBuiltAtMs: number;
  readonly sourceRevision: number;
  /** Stamp of the last build of these bars from scratch. */
  readonly builtAtMs: number;
  /** The numbers that continue the fold. */
  readonly resume: Float64Array;
  /** Whether the stored row was edited after it was written. */
  readonly isEdited?: boolean;
}

type StoredBarState = Omit<BarStateRow, 'lastBarSeq' | 'resume' | 'isEdited'> & { readonly lastBarSeq: number };

/** Columns of the state tables by property, without `resume`. */
export const BAR_STATE_COLUMNS: Readonly<Record<keyof StoredBarState, string>> = {
  tf: 'tf',
  zone: 'tz',
  spec: 'spec',
  dailyMinTs: 'daily_min_seen',
  dailyMaxTs: 'daily_max_seen',
  lastBarSeq: 'last_bar_seq',
  lastCloseTs: 'last_time_close',
  rowsSeen: 'rows_seen',
  sourceRevision: 'src_revision',
  sourceBuiltAtMs: 'src_full_built_at',
  builtAtMs: 'full_built_at',
};

/**
 * States of one id, by family, in key order of the timeframes (bytewise); families without any are left out.
 *
 * @param families those that are read
 */
export async function readBarStates(
  session: Session,
  id: number,
  families: readonly BarFamily[] = BAR_FAMILIES,
): Promise<ReadonlyMap<BarFamily, BarStateRow[]>> {
  // the tables have the same columns, so one SELECT reads all of them, with the family's name as first column
  const { stateLayout } = BAR_TABLES.multi_tf;
  const names = stateLayout.fields.map(({ column }) => `s.${column}`).join(', ');
  const selects = families.map((family) => {
    const { stateTable } = BAR_TABLES[family];
    return `SELECT ${quoteLiteral(family)}, ${names} FROM ${stateTable} s WHERE s.id = ${idSql(id)}`;
  });
  const fields = [...required('text', 'family'), ...stateLayout.fields];
  const rows = await copyQuery(session, 'bar states', fields, `${selects.join(' UNION ALL ')} ORDER BY tf`);
  const family = rows.text('family') as BarFamily[];
  const states = unsealed<StoredBarState>(stateLayout, rows, BAR_STATE_COLUMNS).map((state): BarStateRow => ({
    ...state,
    lastBarSeq: nullIfNaN(state.lastBarSeq),
  }));
  return groupedBy(states, (_, i) => family[i] as BarFamily);
}
