import type { BarFamily } from '@ta/bars-core/engine';
import type { Session } from '../connect/database.ts';
import { quoteLiteral } from '../copy/layout.ts';
import { BAR_TABLES } from '../tables/bar-tables.ts';
import { required, nullable } from '../tables/keyed-table.ts';
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
  /** First and last daily row taken in; the fold goes on after the last. */
  readonly dailyMinTs: number;
  readonly dailyMaxTs: number;
  /** Number of the newest bar; null when there is none. */
  readonly lastBarSeq: number | null;
  /** Newest row of a bar, `last_time_close`; NaN when there is no bar. */
  readonly lastCloseTs: number;
  /** Daily rows pushed into the fold. */
  readonly rowsSeen: number;
  /** Stamp of the daily build these bars rest on, and the last revision of it taken in. */
  readonly sourceBuiltAtMs: number;
  readonly sourceRevision: number;
  /** Stamp of the last build of these bars from scratch. */
  readonly builtAtMs: number;
  /** The numbers that continue the fold. */
  readonly resume: Float64Array;
}

/** Tables alike in each family as one, with the family's name in front. */
const FAMILY_FIELD = required('text', 'family');

/** One SELECT over the state tables of all families. */
function fromEveryFamily(id: number, columns: readonly string[]): string {
  const names = columns.map((column) => `"${column}"`).join(', ');
  const selects = Object.values(BAR_TABLES).map(
    ({ family, stateTable }) => `SELECT ${quoteLiteral(family)}, ${names} FROM ${stateTable} WHERE id = ${idSql(id)}`,
  );
  return `${selects.join(' UNION ALL ')} ORDER BY tf`;
}

/** States of one id, by family, in key order of the timeframes (bytewise); families without any are left out. */
export async function readBarStates(session: Session, id: number): Promise<ReadonlyMap<BarFamily, BarStateRow[]>> {
  const { fields } = BAR_TABLES.multi_tf.stateLayout;
  const select = fromEveryFamily(
    id,
    fields.map(({ column }) => column),
  );
  const rows = await copyQuery(session, 'bar states', [...FAMILY_FIELD, ...fields], select);
  const family = rows.text('family') as BarFamily[];
  const [tf, zone, spec] = [rows.text('tf'), rows.text('tz'), rows.text('spec')];
  const [dailyMin, dailyMax] = [rows.number('daily_min_seen'), rows.number('daily_max_seen')];
  const [lastBarSeq, lastClose] = [rows.number('last_bar_seq'), rows.number('last_time_close')];
  const [rowsSeen, revision] = [rows.number('rows_seen'), rows.number('src_revision')];
  const [sourceBuiltAt, builtAt] = [rows.number('src_full_built_at'), rows.number('full_built_at')];
  const resume = rows.array('resume');
  const states = tf.map((label, i) => ({
    tf: label as string,
    zone: zone[i] as string,
    spec: spec[i] as string,
    dailyMinTs: dailyMin[i],
    dailyMaxTs: dailyMax[i],
    lastBarSeq: nullIfNaN(lastBarSeq[i]),
    lastCloseTs: lastClose[i],
    rowsSeen: rowsSeen[i],
    sourceBuiltAtMs: sourceBuiltAt[i],
    sourceRevision: revision[i],
    builtAtMs: builtAt[i],
    resume: resume[i] as Float64Array,
  }));
  return groupedBy(states, (_, i) => family[i] as BarFamily);
}

/** What decides whether EMAs may read the bars of a timeframe: a part of {@link BarStateRow}. */
export type BarStamp = Pick<BarStateRow, 'tf' | 'builtAtMs' | 'sourceBuiltAtMs' | 'sourceRevision' | 'dailyMaxTs'>;

/** The stamps of one id, by family, in key order, without the resume numbers. */
export async function readBarStamps(session: Session, id: number): Promise<ReadonlyMap<BarFamily, BarStamp[]>> {
  const columns = ['tf', 'full_built_at', 'src_full_built_at', 'src_revision', 'daily_max_seen'];
  const rows = await copyQuery(
    session,
    'bar states',
    [
      ...FAMILY_FIELD,
      ...required('text', 'tf'),
      ...required('timestamptz', 'built_at', 'source_built_at'),
      ...required('int8', 'revision'),
      ...nullable('timestamptz', 'daily_max'),
    ],
    fromEveryFamily(id, columns),
  );
  const family = rows.text('family') as BarFamily[];
  const [builtAt, sourceBuiltAt] = [rows.number('built_at'), rows.number('source_built_at')];
  const [revision, dailyMax] = [rows.number('revision'), rows.number('daily_max')];
  const stamps = rows.text('tf').map((tf, i) => ({
    tf: tf as string,
    builtAtMs: builtAt[i],
    sourceBuiltAtMs: sourceBuiltAt[i],
    sourceRevision: revision[i],
    dailyMaxTs: dailyMax[i],
  }));
  return groupedBy(stamps, (_, i) => family[i] as BarFamily);
}
