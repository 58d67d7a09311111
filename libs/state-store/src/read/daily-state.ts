import type { Session } from '../connect/database.ts';
import type { ColumnTable } from '../copy/column-table.ts';
import { beyondAs, nullable, required } from '../tables/keyed-table.ts';
import { copyQuery, groupedBy, nullIfNaN, whereIds } from './copy-select.ts';
import { IS_RESTRICTED } from './trading-days.ts';

/**
 * State of the daily bars of one id. Instants are epoch ms UTC; stamps (`…AtMs`) carry microseconds as
 * fraction and are compared for equality only.
 */
export interface DailyState {
  readonly id: number;
  /** IANA zone the bars were built in. */
  readonly zone: string;
  /** Fingerprint of the rules by which the days of the bars were decided; null when that is not known. */
  readonly dayRules: string | null;
  /** By which close rule, weekdays and holidays the bars were built, see `tradingDaysText`; null for the default. */
  readonly tradingDays: string | null;
  /** Whether `dim_assets` says that the asset rests, or that its bars close by the market: see `readTradingDays`. */
  readonly isRestricted: boolean;
  /** Newest stored daily bar; null when there is none. */
  readonly lastSourceTs: number | null;
  /** Oldest source row ever seen; null when none was. */
  readonly dailyMinSeen: number | null;
  /** Oldest stored daily bar; NaN when there is none. */
  readonly firstBarTs: number;
  /** Newest stored daily bar as the table has it; NaN when there is none. A state that says otherwise is not to be trusted. */
  readonly newestBarTs: number;
  readonly lastRunTs: number;
  readonly lastUpserted: number;
  readonly lastRepairedTimeHigh: number;
  readonly lastRepairedTimeLow: number;
  readonly lastRejected: number;
  /** Source rows at or before `lastSourceTs`; null when never counted. */
  readonly sourceRows: number | null;
  /** Newest load time among the rows processed. */
  readonly sourceMaxLoadTs: number | null;
  /** Stamp of the last build from scratch. */
  readonly fullBuiltAtMs: number;
  /** How often stored history at or before the watermark changed since then. */
  readonly revision: number;
  /** The newest change on record. A state that says otherwise is not to be trusted. */
  readonly newestRevision: number;
}

const FIELDS = [
  ...required('int4', 'id'),
  ...required('text', 'tz'),
  ...nullable('text', 'day_rules', 'trading_days'),
  ...required('bool', 'is_restricted'),
  ...beyondAs('unknown', nullable('timestamptz', 'last_src_ts', 'daily_min_seen', 'first_bar_ts', 'newest_bar_ts')),
  ...beyondAs('unknown', required('timestamptz', 'last_run_ts')),
  ...required('int4', 'last_upserted', 'last_repaired_timehigh', 'last_repaired_timelow', 'last_rejected'),
  ...nullable('int8', 'src_row_count'),
  ...beyondAs('unknown', nullable('timestamptz', 'src_max_load_ts')),
  ...beyondAs('unknown', required('timestamptz', 'full_built_at')),
  ...required('int8', 'revision', 'newest_revision'),
];

const endOfBars = (which: 'min' | 'max') =>
  `(SELECT ${which}(b."timestamp") FROM cmc_price_bars_1d b WHERE b.id = s.id)`;
const ENDS_OF_BARS: Readonly<Record<string, string>> = {
  first_bar_ts: endOfBars('min'),
  newest_bar_ts: endOfBars('max'),
  newest_revision: '(SELECT coalesce(max(r.revision), 0) FROM cmc_price_bars_1d_revisions r WHERE r.id = s.id)',
  is_restricted: `coalesce(${IS_RESTRICTED}, false)`,
  id: 's.id',
};

/** State of one id, or null when it has none: then its bars are built from scratch. */
export async function readDailyState(session: Session, id: number): Promise<DailyState | null> {
  const [state] = await readDailyStates(session, [id]);
  return state ?? null;
}

/** States of several ids (all without), ascending by id; ids without state are absent. */
export async function readDailyStates(session: Session, ids?: readonly number[]): Promise<DailyState[]> {
  const columns = FIELDS.map(({ column }) => ENDS_OF_BARS[column] ?? column);
  const select = `SELECT ${columns.join(', ')} FROM (SELECT * FROM cmc_price_bars_1d_state ${whereIds(ids)}) s
    LEFT JOIN dim_assets a ON a.id = s.id ORDER BY s.id`;
  return statesOf(await copyQuery(session, 'cmc_price_bars_1d_state', FIELDS, select));
}

type StoredDailyState = {
  [K in keyof DailyState]: null extends DailyState[K] ? Exclude<DailyState[K], null> : DailyState[K];
};

const COLUMNS: Readonly<Record<keyof DailyState, string>> = {
  id: 'id',
  zone: 'tz',
  dayRules: 'day_rules',
  tradingDays: 'trading_days',
  isRestricted: 'is_restricted',
  lastSourceTs: 'last_src_ts',
  dailyMinSeen: 'daily_min_seen',
  firstBarTs: 'first_bar_ts',
  newestBarTs: 'newest_bar_ts',
  lastRunTs: 'last_run_ts',
  lastUpserted: 'last_upserted',
  lastRepairedTimeHigh: 'last_repaired_timehigh',
  lastRepairedTimeLow: 'last_repaired_timelow',
  lastRejected: 'last_rejected',
  sourceRows: 'src_row_count',
  sourceMaxLoadTs: 'src_max_load_ts',
  fullBuiltAtMs: 'full_built_at',
  revision: 'revision',
  newestRevision: 'newest_revision',
};

function statesOf(rows: ColumnTable): DailyState[] {
  const isRestricted = rows.number('is_restricted');
  return rows.objects<StoredDailyState>(COLUMNS).map((state, i) => ({
    ...state,
    isRestricted: isRestricted[i] === 1,
    lastSourceTs: nullIfNaN(state.lastSourceTs),
    dailyMinSeen: nullIfNaN(state.dailyMinSeen),
    sourceRows: nullIfNaN(state.sourceRows),
    sourceMaxLoadTs: nullIfNaN(state.sourceMaxLoadTs),
  }));
}

/** One change of stored daily history. */
export interface Revision {
  readonly revision: number;
  /** Earliest close instant that changed, epoch ms. */
  readonly firstTs: number;
}

/** The changes of stored daily history of these ids (all without) since each was last built from scratch, oldest first. */
export async function readRevisions(session: Session, ids?: readonly number[]): Promise<Map<number, Revision[]>> {
  const rows = await copyQuery(
    session,
    'cmc_price_bars_1d_revisions',
    [...required('int4', 'id'), ...required('int8', 'revision'), ...required('timestamptz', 'first_ts')],
    `SELECT id, revision, first_ts FROM cmc_price_bars_1d_revisions ${whereIds(ids)} ORDER BY id, revision`,
  );
  const id = rows.number('id');
  return groupedBy(rows.objects<Revision>({ revision: 'revision', firstTs: 'first_ts' }), (_, i) => id[i]);
}

/** The server's clock as a stamp: epoch ms with microseconds as fraction, for `…_built_at` columns. */
export async function readStamp(session: Session): Promise<number> {
  const rows = await copyQuery(session, 'stamp', required('timestamptz', 'now'), 'SELECT clock_timestamp()');
  return rows.number('now')[0];
}
