import type { Session } from '../connect/database.ts';
import { required } from '../tables/keyed-table.ts';
import { whereIds } from '../sql-conditions.ts';
import { copyQuery, groupedBy, readObjects, type RowColumns } from './copy-select.ts';
import { IS_RESTRICTED } from './trading-days.ts';

/**
 * State of the daily bars of one id. Instants are epoch ms UTC; stamps (`…AtMs`) have microseconds as
 * fraction and are only compared for equality.
 */
export interface DailyState {
  readonly id: number;
  /** IANA zone the bars were built in. */
  readonly zone: string;
  /** Fingerprint of the rules by which the days of the bars were determined; null if unknown. */
  readonly dayRules: string | null;
  /** Close rule, weekdays and holidays that the bars were built with, see `tradingDaysText`; null for the default. */
  readonly tradingDays: string | null;
  /** Whether `dim_assets` has days without trading or the close rule `market` for the asset: see `readTradingDays`. */
  readonly isRestricted: boolean;
  /** Newest stored daily bar; null when there is none. */
  readonly lastSourceTs: number | null;
  /** Oldest source row when the source was last counted; null when there was none. */
  readonly dailyMinSeen: number | null;
  /** Oldest stored daily bar; NaN when there is none. */
  readonly firstBarTs: number;
  /** Newest daily bar in the table; NaN when there is none. If `lastSourceTs` differs from it, the state must not be trusted. */
  readonly newestBarTs: number;
  /** Source rows at or before `lastSourceTs`; null when never counted. */
  readonly sourceRows: number | null;
  /** Newest load time among the rows processed. */
  readonly sourceMaxLoadTs: number | null;
  /** Stamp of the last build from scratch. */
  readonly fullBuiltAtMs: number;
  /** Number of changes of stored history at or before the watermark since the last build from scratch. */
  readonly revision: number;
  /** Number of the newest recorded change. If `revision` differs from it, the state must not be trusted. */
  readonly newestRevision: number;
}

const endOfBars = (which: 'min' | 'max') =>
  `(SELECT ${which}(b."timestamp") FROM cmc_price_bars_1d b WHERE b.id = s.id)`;

const COLUMNS: RowColumns<DailyState> = {
  id: ['int4', 's.id'],
  zone: ['text', 'tz'],
  dayRules: ['text?', 'day_rules'],
  tradingDays: ['text?', 'trading_days'],
  isRestricted: ['bool', `coalesce(${IS_RESTRICTED}, false)`],
  lastSourceTs: ['timestamptz?', 'last_src_ts'],
  dailyMinSeen: ['timestamptz?', 'daily_min_seen'],
  firstBarTs: ['timestamptz', endOfBars('min')],
  newestBarTs: ['timestamptz', endOfBars('max')],
  sourceRows: ['int8?', 'src_row_count'],
  sourceMaxLoadTs: ['timestamptz?', 'src_max_load_ts'],
  fullBuiltAtMs: ['timestamptz', 'full_built_at'],
  revision: ['int8', 'revision'],
  newestRevision: [
    'int8',
    '(SELECT coalesce(max(r.revision), 0) FROM cmc_price_bars_1d_revisions r WHERE r.id = s.id)',
  ],
};

/** State of one id; null if there is none, in which case its bars are built from scratch. */
export async function readDailyState(session: Session, id: number): Promise<DailyState | null> {
  return (await readDailyStates(session, [id])).get(id) ?? null;
}

/** States of several ids (by default all), by id; ids without state are absent. */
export async function readDailyStates(session: Session, ids?: readonly number[]): Promise<Map<number, DailyState>> {
  const select = (columns: string) => `SELECT ${columns} FROM (SELECT * FROM cmc_price_bars_1d_state ${whereIds(ids)}) s
    LEFT JOIN dim_assets a ON a.id = s.id ORDER BY s.id`;
  const states = await readObjects(session, 'cmc_price_bars_1d_state', COLUMNS, select, 'unknown');
  return new Map(states.map((state) => [state.id, state]));
}

/** One change of stored daily history. */
export interface Revision {
  readonly revision: number;
  /** Earliest close instant that changed, epoch ms. */
  readonly firstTs: number;
}

const REVISIONS: RowColumns<Revision & { id: number }> = {
  id: ['int4', 'id'],
  revision: ['int8', 'revision'],
  firstTs: ['timestamptz', 'first_ts'],
};

/** The changes of stored daily history of these ids (by default all) since each was last built from scratch, oldest first. */
export async function readRevisions(session: Session, ids?: readonly number[]): Promise<Map<number, Revision[]>> {
  const select = (columns: string) =>
    `SELECT ${columns} FROM cmc_price_bars_1d_revisions ${whereIds(ids)} ORDER BY id, revision`;
  const rows = await readObjects(session, 'cmc_price_bars_1d_revisions', REVISIONS, select);
  return groupedBy(rows, ({ id }) => id);
}

/** The server's clock as a stamp: epoch ms with microseconds as fraction, for `…_built_at` columns. */
export async function readStamp(session: Session): Promise<number> {
  const rows = await copyQuery(session, 'stamp', required('timestamptz', 'now'), 'SELECT clock_timestamp()');
  return rows.number('now')[0];
}
