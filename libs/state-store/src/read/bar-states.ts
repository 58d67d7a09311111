import type { BarFamily } from '@ta/bars-core/engine';
import type { Session } from '../connect/database.ts';
import { quoteLiteral } from '../copy/layout.ts';
import { BAR_TABLES } from '../tables/bar-tables.ts';
import { required } from '../tables/keyed-table.ts';
import { isEditedSql, unsealed } from '../tables/state-seal.ts';
import { copyQuery, groupedBy, idSql, nullIfNaN } from './copy-select.ts';

/**
 * State of the bars of one id and timeframe. Instants are epoch ms UTC, NaN where there is none; stamps
 * (`…AtMs`) carry microseconds as fraction and are compared for equality only.
 */
export interface BarStateRow {
  readonly tf: string;
  /** IANA zone the bars were built in. */
  readonly zone: string;
  /** What shapes the bars, as text; a change rebuilds. */
  readonly spec: string;
  /** First and last daily row processed; the fold continues after the last. */
  readonly dailyMinTs: number;
  readonly dailyMaxTs: number;
  /** Number of the newest bar; null when there is none. */
  readonly lastBarSeq: number | null;
  /** Newest row of a bar, `last_time_close`; NaN when there is no bar. */
  readonly lastCloseTs: number;
  /** Daily rows pushed into the fold. */
  readonly rowsSeen: number;
  /** Stamp of the daily build these bars rest on, and the last revision of it applied. */
  readonly sourceBuiltAtMs: number;
  readonly sourceRevision: number;
  /** Stamp of the last build of these bars from scratch. */
  readonly builtAtMs: number;
  /** The numbers that continue the fold. */
  readonly resume: Float64Array;
  /** Whether the row that was read is another one than was written. */
  readonly isEdited?: boolean;
}

/** Tables alike in each family as one, with the family's name in front, and whether the row is seen to be edited. */
const FIRST_FIELDS = [...required('text', 'family'), ...required('bool', 'is_edited')];

/** One SELECT over the state tables of all families. */
function fromEveryFamily(id: number, columns: readonly string[]): string {
  const names = columns.map((column) => `s.${column}`).join(', ');
  const selects = Object.values(BAR_TABLES).map(
    ({ family, stateTable, stateLayout }) => `SELECT ${quoteLiteral(family)}, ${isEditedSql(stateLayout)}, ${names}
      FROM ${stateTable} s WHERE s.id = ${idSql(id)}`,
  );
  return `${selects.join(' UNION ALL ')} ORDER BY tf`;
}

type StoredBarState = Omit<BarStateRow, 'lastBarSeq' | 'resume' | 'isEdited'> & { readonly lastBarSeq: number };

const COLUMNS: Readonly<Record<keyof StoredBarState, string>> = {
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

/** States of one id, by family, in key order of the timeframes (bytewise); families without any are left out. */
export async function readBarStates(session: Session, id: number): Promise<ReadonlyMap<BarFamily, BarStateRow[]>> {
  const { fields } = BAR_TABLES.multi_tf.stateLayout;
  const select = fromEveryFamily(
    id,
    fields.map(({ column }) => column),
  );
  const rows = await copyQuery(session, 'bar states', [...FIRST_FIELDS, ...fields], select);
  const numbers = unsealed(BAR_TABLES.multi_tf.stateLayout, rows);
  const family = rows.text('family') as BarFamily[];
  const states = rows
    .objects<StoredBarState>(COLUMNS)
    .map((state, i): BarStateRow => ({ ...state, lastBarSeq: nullIfNaN(state.lastBarSeq), ...numbers[i] }));
  return groupedBy(states, (_, i) => family[i] as BarFamily);
}

/** What decides whether EMAs may read the bars of a timeframe: a part of {@link BarStateRow}. */
export type BarStamp = Pick<
  BarStateRow,
  'tf' | 'builtAtMs' | 'sourceBuiltAtMs' | 'sourceRevision' | 'dailyMaxTs' | 'isEdited'
>;

/** The stamps of one id, by family, in key order, without the resume numbers. */
export async function readBarStamps(session: Session, id: number): Promise<ReadonlyMap<BarFamily, BarStamp[]>> {
  const { fields } = BAR_TABLES.multi_tf.stateLayout;
  const names = { tf: COLUMNS.tf, builtAtMs: COLUMNS.builtAtMs, sourceBuiltAtMs: COLUMNS.sourceBuiltAtMs };
  const columns = { ...names, sourceRevision: COLUMNS.sourceRevision, dailyMaxTs: COLUMNS.dailyMaxTs };
  const read = fields.filter(({ column }) => Object.values(columns).includes(column));
  const select = fromEveryFamily(
    id,
    read.map(({ column }) => column),
  );
  const rows = await copyQuery(session, 'bar states', [...FIRST_FIELDS, ...read], select);
  const [family, isEdited] = [rows.text('family') as BarFamily[], rows.number('is_edited')];
  const stamps = rows
    .objects<Omit<BarStamp, 'isEdited'>>(columns)
    .map((stamp, i): BarStamp => ({ ...stamp, isEdited: isEdited[i] === 1 }));
  return groupedBy(stamps, (_, i) => family[i] as BarFamily);
}
