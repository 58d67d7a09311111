import type { BarFamily } from '@ta/bars-core';
import type { Session } from '../connect/database.ts';
import { BAR_TABLES } from '../tables/bar-tables.ts';
import { required, nullable } from '../tables/keyed-table.ts';
import { copyQuery, copyTable, idSql, nullIfNaN } from './copy-select.ts';

/**
 * State of the bars of one id and timeframe (bars.md 4.2). Instants are epoch ms UTC, NaN where there is none; stamps
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

/** States of one id in one family, in key order of the timeframes (bytewise). */
export async function readBarStates(session: Session, family: BarFamily, id: number): Promise<BarStateRow[]> {
  const rows = await copyTable(session, BAR_TABLES[family].stateLayout, `WHERE id = ${idSql(id)} ORDER BY tf`);
  const [tf, zone, spec] = [rows.text('tf'), rows.text('tz'), rows.text('spec')];
  const [dailyMin, dailyMax] = [rows.number('daily_min_seen'), rows.number('daily_max_seen')];
  const [lastBarSeq, lastClose] = [rows.number('last_bar_seq'), rows.number('last_time_close')];
  const [rowsSeen, revision] = [rows.number('rows_seen'), rows.number('src_revision')];
  const [sourceBuiltAt, builtAt] = [rows.number('src_full_built_at'), rows.number('full_built_at')];
  const resume = rows.array('resume');
  return tf.map((label, i) => ({
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
}

/** What decides whether EMAs may read the bars of a timeframe: a part of {@link BarStateRow}. */
export type BarStamp = Pick<BarStateRow, 'tf' | 'builtAtMs' | 'sourceBuiltAtMs' | 'sourceRevision' | 'dailyMaxTs'>;

/** The stamps of one id in one family, in key order, without the resume numbers. */
export async function readBarStamps(session: Session, family: BarFamily, id: number): Promise<BarStamp[]> {
  const { stateTable } = BAR_TABLES[family];
  const rows = await copyQuery(
    session,
    stateTable,
    [
      ...required('text', 'tf'),
      ...required('timestamptz', 'built_at', 'source_built_at'),
      ...required('int8', 'revision'),
      ...nullable('timestamptz', 'daily_max'),
    ],
    `SELECT tf, full_built_at, src_full_built_at, src_revision, daily_max_seen
     FROM ${stateTable} WHERE id = ${idSql(id)} ORDER BY tf`,
  );
  const [builtAt, sourceBuiltAt] = [rows.number('built_at'), rows.number('source_built_at')];
  const [revision, dailyMax] = [rows.number('revision'), rows.number('daily_max')];
  return rows.text('tf').map((tf, i) => ({
    tf: tf as string,
    builtAtMs: builtAt[i],
    sourceBuiltAtMs: sourceBuiltAt[i],
    sourceRevision: revision[i],
    dailyMaxTs: dailyMax[i],
  }));
}
