import type { Session } from '../connect/database.ts';
import { quoteLiteral } from '../copy/layout.ts';
import { EMA_STATE_LAYOUT, type EmaTable } from '../tables/ema-tables.ts';
import { unsealed } from '../tables/state-seal.ts';
import { idSql, whereIds } from '../sql-conditions.ts';
import { copyTable, groupedBy, readObjects, type RowColumns } from './copy-select.ts';

/**
 * State of the EMAs of one id, table and timeframe; its periods advance together. Instants are epoch ms UTC,
 * NaN if there is none; stamps (`…AtMs`, `resetStampMs`) have microseconds as fraction and are only compared for equality.
 */
export interface EmaStateRow {
  readonly tf: string;
  /** Hash of everything that the numbers depend on except the list of periods; a change causes a rebuild. */
  readonly paramsHash: string;
  /** Ascending. */
  readonly periods: readonly number[];
  /** First and last daily row processed. */
  readonly dailyMinTs: number;
  readonly dailyMaxTs: number;
  /** Newest row processed. */
  readonly lastTs: number;
  /** Newest canonical row: `last_canonical_ts` and `last_time_close`. */
  readonly lastCanonicalTs: number;
  readonly rowsSeen: number;
  readonly barsSeen: number;
  /** Stamps of the builds of daily bars and of bars that these EMAs were computed from, and the last applied revision. */
  readonly dailyBuiltAtMs: number;
  readonly barsBuiltAtMs: number;
  readonly sourceRevision: number;
  /** Stamp of the id's `cmc_ema_refresh_state` row; a new row there causes a rebuild. */
  readonly resetStampMs: number;
  /** The numbers that continue the fold. */
  readonly resume: Float64Array;
  /** Whether the stored row was edited after it was written. */
  readonly isEdited?: boolean;
}

/** A state as decoded; `periods` is null if the stored array is NULL or not a one-dimensional list. */
type StoredEmaState = Omit<EmaStateRow, 'periods' | 'resume' | 'isEdited'> & { readonly periods: Float64Array | null };

/** Columns of `cmc_ema_state` by property, without `resume`. */
export const EMA_STATE_COLUMNS: Readonly<Record<keyof Omit<EmaStateRow, 'resume' | 'isEdited'>, string>> = {
  tf: 'tf',
  paramsHash: 'params_hash',
  periods: 'periods',
  dailyMinTs: 'daily_min_seen',
  dailyMaxTs: 'daily_max_seen',
  lastTs: 'last_ts',
  lastCanonicalTs: 'last_canonical_ts',
  rowsSeen: 'rows_seen',
  barsSeen: 'bars_seen',
  dailyBuiltAtMs: 'daily_full_built_at',
  barsBuiltAtMs: 'bars_full_built_at',
  sourceRevision: 'src_revision',
  resetStampMs: 'reset_stamp',
};

/**
 * States of one id, by table, in key order of the timeframes (bytewise); tables without any are left out.
 *
 * @param of the table to read; by default all
 */
export async function readEmaStates(
  session: Session,
  id: number,
  of?: EmaTable,
): Promise<ReadonlyMap<EmaTable, EmaStateRow[]>> {
  const ofTable = of === undefined ? '' : `AND alignment_source = ${quoteLiteral(of)}`;
  const rows = await copyTable(session, EMA_STATE_LAYOUT, `WHERE id = ${idSql(id)} ${ofTable} ORDER BY tf`);
  const table = rows.text('alignment_source') as EmaTable[];
  const states = unsealed<StoredEmaState>(EMA_STATE_LAYOUT, rows, EMA_STATE_COLUMNS).map((state): EmaStateRow => ({
    ...state,
    periods: Array.from(state.periods ?? []),
  }));
  return groupedBy(states, (_, i) => table[i] as EmaTable);
}

const STAMPS: RowColumns<{ id: number; stampMs: number }> = {
  id: ['int4', 'id'],
  stampMs: ['timestamptz', 'built_at'],
};

/**
 * Stamps of the rows of `cmc_ema_refresh_state`, epoch ms, by id (by default of all). If a stamp differs from that of the states,
 * the EMAs are rebuilt.
 */
export async function readResetStamps(session: Session, ids?: readonly number[]): Promise<ReadonlyMap<number, number>> {
  const select = (columns: string) => `SELECT ${columns} FROM cmc_ema_refresh_state ${whereIds(ids)}`;
  const rows = await readObjects(session, 'cmc_ema_refresh_state', STAMPS, select);
  return new Map(rows.map(({ id, stampMs }) => [id, stampMs]));
}
