import type { Session } from '../connect/database.ts';
import { EMA_STATE_LAYOUT, type EmaTable } from '../tables/ema-tables.ts';
import { nullable, required } from '../tables/keyed-table.ts';
import { copyQuery, copyTable, groupedBy, idSql, nullIfNaN, whereIds } from './copy-select.ts';

/**
 * State of the EMAs of one id, table and timeframe; its periods advance together. Instants are epoch ms UTC,
 * NaN where there is none; stamps (`…AtMs`, `resetStampMs`) carry microseconds as fraction and are compared for equality.
 */
export interface EmaStateRow {
  readonly tf: string;
  /** Everything that shapes the numbers except the list of periods; a change rebuilds. */
  readonly paramsHash: string;
  /** Ascending. */
  readonly periods: readonly number[];
  /** First and last daily row taken in. */
  readonly dailyMinTs: number;
  readonly dailyMaxTs: number;
  /** Newest row pushed into the fold. */
  readonly lastTs: number;
  /** Newest canonical row: `last_canonical_ts` and `last_time_close`. */
  readonly lastCanonicalTs: number;
  /** Number of the newest closed bar, where the writer knows it. */
  readonly lastBarSeq?: number | null;
  readonly rowsSeen: number;
  readonly barsSeen: number;
  /** Stamps of the daily build and the bar build these EMAs rest on, and the last revision taken in. */
  readonly dailyBuiltAtMs: number;
  readonly barsBuiltAtMs: number;
  readonly sourceRevision: number;
  /** Stamp of the id's `cmc_ema_refresh_state` row; a new row there rebuilds. */
  readonly resetStampMs: number;
  /** The numbers that continue the fold. */
  readonly resume: Float64Array;
}

/** States of one id, by table, in key order of the timeframes (bytewise); tables without any are left out. */
export async function readEmaStates(session: Session, id: number): Promise<ReadonlyMap<EmaTable, EmaStateRow[]>> {
  const rows = await copyTable(session, EMA_STATE_LAYOUT, `WHERE id = ${idSql(id)} ORDER BY tf`);
  const table = rows.text('alignment_source') as EmaTable[];
  const [hash, periods, resume] = [rows.text('params_hash'), rows.array('periods'), rows.array('resume')];
  const [dailyMin, dailyMax] = [rows.number('daily_min_seen'), rows.number('daily_max_seen')];
  const [lastTs, canonicalTs] = [rows.number('last_ts'), rows.number('last_canonical_ts')];
  const [lastBarSeq, rowsSeen, barsSeen] = ['last_bar_seq', 'rows_seen', 'bars_seen'].map((name) => rows.number(name));
  const [dailyBuiltAt, barsBuiltAt] = [rows.number('daily_full_built_at'), rows.number('bars_full_built_at')];
  const [revision, resetStamp] = [rows.number('src_revision'), rows.number('reset_stamp')];
  const states = rows.text('tf').map((tf, i) => ({
    tf: tf as string,
    paramsHash: hash[i] as string,
    periods: Array.from(periods[i] as Float64Array),
    dailyMinTs: dailyMin[i],
    dailyMaxTs: dailyMax[i],
    lastTs: lastTs[i],
    lastCanonicalTs: canonicalTs[i],
    lastBarSeq: nullIfNaN(lastBarSeq[i]),
    rowsSeen: rowsSeen[i],
    barsSeen: barsSeen[i],
    dailyBuiltAtMs: dailyBuiltAt[i],
    barsBuiltAtMs: barsBuiltAt[i],
    sourceRevision: revision[i],
    resetStampMs: resetStamp[i],
    resume: resume[i] as Float64Array,
  }));
  return groupedBy(states, (_, i) => table[i] as EmaTable);
}

/** The operator's view of one id's EMA progress (docs/state-management.md#rules). Instants are epoch ms UTC. */
export interface EmaRefreshStateRow {
  readonly id: number;
  readonly lastLoadTsDaily: number | null;
  readonly lastLoadTsMulti: number | null;
  readonly lastLoadTsCal: number | null;
  /** Stamp of the row itself. */
  readonly builtAtMs: number;
}

/** Rows of `cmc_ema_refresh_state` (all ids without), ascending by id. */
export async function readEmaRefreshStates(session: Session, ids?: readonly number[]): Promise<EmaRefreshStateRow[]> {
  const rows = await copyQuery(
    session,
    'cmc_ema_refresh_state',
    [
      ...required('int4', 'id'),
      ...nullable('timestamptz', 'daily', 'multi', 'cal'),
      ...required('timestamptz', 'built_at'),
    ],
    `SELECT id, last_load_ts_daily, last_load_ts_multi, last_load_ts_cal, built_at
     FROM cmc_ema_refresh_state ${whereIds(ids)} ORDER BY id`,
  );
  const [daily, multi, cal] = [rows.number('daily'), rows.number('multi'), rows.number('cal')];
  const builtAt = rows.number('built_at');
  return Array.from(rows.number('id'), (id, i) => ({
    id,
    lastLoadTsDaily: nullIfNaN(daily[i]),
    lastLoadTsMulti: nullIfNaN(multi[i]),
    lastLoadTsCal: nullIfNaN(cal[i]),
    builtAtMs: builtAt[i],
  }));
}
