import type { Session } from '../connect/database.ts';
import { EMA_STATE_LAYOUT, type EmaTable } from '../tables/ema-tables.ts';
import { nullable, required } from '../tables/keyed-table.ts';
import { unsealed } from '../tables/state-seal.ts';
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
  /** First and last daily row processed. */
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
  /** Stamps of the daily build and the bar build these EMAs rest on, and the last revision applied. */
  readonly dailyBuiltAtMs: number;
  readonly barsBuiltAtMs: number;
  readonly sourceRevision: number;
  /** Stamp of the id's `cmc_ema_refresh_state` row; a new row there rebuilds. */
  readonly resetStampMs: number;
  /** The numbers that continue the fold. */
  readonly resume: Float64Array;
  /** Whether the row that was read is another one than was written. */
  readonly isEdited?: boolean;
}

type StoredEmaState = Omit<EmaStateRow, 'lastBarSeq' | 'resume' | 'isEdited'> & { readonly lastBarSeq: number };

const COLUMNS: Readonly<Record<keyof StoredEmaState, string>> = {
  tf: 'tf',
  paramsHash: 'params_hash',
  periods: 'periods',
  dailyMinTs: 'daily_min_seen',
  dailyMaxTs: 'daily_max_seen',
  lastTs: 'last_ts',
  lastCanonicalTs: 'last_canonical_ts',
  lastBarSeq: 'last_bar_seq',
  rowsSeen: 'rows_seen',
  barsSeen: 'bars_seen',
  dailyBuiltAtMs: 'daily_full_built_at',
  barsBuiltAtMs: 'bars_full_built_at',
  sourceRevision: 'src_revision',
  resetStampMs: 'reset_stamp',
};

/** States of one id, by table, in key order of the timeframes (bytewise); tables without any are left out. */
export async function readEmaStates(session: Session, id: number): Promise<ReadonlyMap<EmaTable, EmaStateRow[]>> {
  const rows = await copyTable(session, EMA_STATE_LAYOUT, `WHERE id = ${idSql(id)} ORDER BY tf`);
  const numbers = unsealed(EMA_STATE_LAYOUT, rows);
  const table = rows.text('alignment_source') as EmaTable[];
  const states = rows.objects<StoredEmaState>(COLUMNS).map((state, i): EmaStateRow => {
    const { periods, lastBarSeq } = state;
    return { ...state, periods: Array.from(periods), lastBarSeq: nullIfNaN(lastBarSeq), ...numbers[i] };
  });
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
  const columns = { id: 'id', lastLoadTsDaily: 'daily', lastLoadTsMulti: 'multi', lastLoadTsCal: 'cal' };
  return rows
    .objects<{ [K in keyof EmaRefreshStateRow]: number }>({ ...columns, builtAtMs: 'built_at' })
    .map((row) => ({
      ...row,
      lastLoadTsDaily: nullIfNaN(row.lastLoadTsDaily),
      lastLoadTsMulti: nullIfNaN(row.lastLoadTsMulti),
      lastLoadTsCal: nullIfNaN(row.lastLoadTsCal),
    }));
}
