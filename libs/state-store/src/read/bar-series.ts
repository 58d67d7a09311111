import type { BarFamily } from '@ta/bars-core/engine';
import type { Session } from '../connect/database.ts';
import type { ColumnTable } from '../copy/column-table.ts';
import { quoteLiteral, type CopyField } from '../copy/layout.ts';
import { StoreError } from '../errors.ts';
import { BAR_TABLES } from '../tables/bar-tables.ts';
import { DAILY_BARS } from '../tables/daily-tables.ts';
import { nullable, required } from '../tables/keyed-table.ts';
import { andBefore, andFrom, idSql, instantSql } from '../sql-conditions.ts';
import { copyQuery } from './copy-select.ts';

/** The table of bars to read: the daily table or one of the five families. */
export type BarSource = '1d' | BarFamily;

/**
 * The rows of a timeframe to read. `bars`: one row per bar, which is the closing one, or the last snapshot if the bar is
 * still open or its closing day is missing; `closed`: closing rows only; `snapshots`: a row per bar and day.
 */
export type BarRows = 'bars' | 'closed' | 'snapshots';

/** The selection of {@link readBarSeries}. */
export interface BarSeriesRequest {
  readonly id: number;
  readonly source: BarSource;
  /** Timeframe label; `1D` for the daily bars, which have no other. */
  readonly tf: string;
  /** Default `bars`. */
  readonly rows?: BarRows;
  /** Only rows that close at or after this instant, epoch ms. */
  readonly fromTs?: number;
  /** Only rows that close before this instant, epoch ms. */
  readonly untilTs?: number;
  /** Only this many of the newest rows. */
  readonly limit?: number;
}

/**
 * Bars of one asset and timeframe as columns, ascending by `timeClose`. Instants are epoch ms UTC; NaN is NULL; flags are
 * 0 or 1.
 */
export interface BarSeries {
  readonly length: number;
  readonly timeOpen: Float64Array;
  /** Close instant of the row's newest day; on daily bars the `timestamp` of the key. */
  readonly timeClose: Float64Array;
  readonly open: Float64Array;
  readonly high: Float64Array;
  readonly low: Float64Array;
  readonly close: Float64Array;
  readonly volume: Float64Array;
  readonly marketCap: Float64Array;
  readonly barSeq: Float64Array;
  /**
   * Trading days without a daily bar inside the bar. On daily bars the calendar days between it and the previous bar, if any of
   * them is a trading day, else 0.
   */
  readonly missingDays: Float64Array;
  readonly isPartialStart: Uint8Array;
  readonly isPartialEnd: Uint8Array;
  readonly isMissingDays: Uint8Array;
  /**
   * The instant at which the bar was known to be closed (`closed_at`), on the row that closed it or, under the close rule
   * `market`, on its last row; NaN on all other rows, and while the bar is open.
   */
  readonly closedAt: Float64Array;
}

const FIELDS: readonly CopyField[] = [
  ...required('timestamptz', 'time_open', 'time_close'),
  ...required('float8', 'open', 'high', 'low', 'close'),
  ...nullable('float8', 'volume', 'market_cap'),
  ...required('int8', 'bar_seq'),
  ...required('int4', 'count_missing_days'),
  ...required('bool', 'is_partial_start', 'is_partial_end', 'is_missing_days'),
  ...nullable('timestamptz', 'closed_at'),
];

const SNAPSHOT_COLUMNS = FIELDS.map(({ column }) => (column === 'bar_seq' ? 'b.bar_seq::bigint' : `b.${column}`)).join(
  ', ',
);
/** SQL for the days missing before a bar: only a bar after a gap looks up the bar before it. */
const DAYS_MISSING_BEFORE = `CASE WHEN b.is_missing_days THEN coalesce(b.day - 1 - (SELECT p.day FROM ${DAILY_BARS.table} p
  WHERE p.id = b.id AND p."timestamp" < b."timestamp" ORDER BY p."timestamp" DESC LIMIT 1), 0) ELSE 0 END AS count_missing_days`;
const DAILY_COLUMNS = FIELDS.map(({ column }) => {
  if (column === 'time_close' || column === 'closed_at') return `b."timestamp" AS ${column}`;
  return column === 'count_missing_days' ? DAYS_MISSING_BEFORE : `b.${column}`;
}).join(', ');

/**
 * Reads the bars of one asset and timeframe in one call, through binary COPY: one indexed query, and for
 * `bars` a second one if some bars have no closing row.
 * @throws StoreError `STORE_RANGE` for an impossible id, limit or daily timeframe; `STORE_QUERY`, …
 */
export async function readBarSeries(session: Session, request: BarSeriesRequest): Promise<BarSeries> {
  const { source, tf, rows = 'bars', limit } = request;
  if (limit !== undefined && !(Number.isInteger(limit) && limit > 0)) {
    throw new StoreError('STORE_RANGE', `limit must be a whole number above 0, got ${limit}.`);
  }
  if (source === '1d') {
    if (tf !== '1D') throw new StoreError('STORE_RANGE', `The daily bars have the timeframe 1D only, got ${tf}.`);
    return seriesOf([await readRows(session, dailySelect(request))]);
  }
  if (rows === 'snapshots') return seriesOf([await readRows(session, snapshotSelect(request, ''))], limit);
  const closed = await readRows(session, closedSelect(request));
  if (rows === 'closed') return seriesOf([closed], limit);
  const holes = holesBetween(closed, request);
  if (holes.length === 0) return seriesOf([closed], limit);
  return seriesOf([closed, await readRows(session, unclosedSelect(request, holes))], limit);
}

function readRows(session: Session, select: string): Promise<ColumnTable> {
  return copyQuery(session, 'bar series', FIELDS, select);
}

function dailySelect({ id, fromTs, untilTs, limit }: BarSeriesRequest): string {
  const bounds = `${andFrom('b."timestamp"', fromTs)} ${andBefore('b."timestamp"', untilTs)}`;
  return newest(
    `SELECT ${DAILY_COLUMNS} FROM ${DAILY_BARS.table} b WHERE b.id = ${idSql(id)} ${bounds}`,
    'b."timestamp"',
    limit,
  );
}

function snapshotSelect({ id, source, tf, fromTs, untilTs, limit }: BarSeriesRequest, condition: string): string {
  const { table } = BAR_TABLES[source as BarFamily];
  const bounds = `${andFrom('b.time_close', fromTs)} ${andBefore('b.time_close', untilTs)}`;
  return newest(
    `SELECT ${SNAPSHOT_COLUMNS} FROM ${table} b WHERE b.id = ${idSql(id)} AND b.tf = ${quoteLiteral(tf)} ${bounds} ${condition}`,
    'b.time_close',
    limit,
  );
}

/**
 * Bars that closed on their last day, and bars that were known to be closed only by the next row; each kind has its own index.
 */
function closedSelect(request: BarSeriesRequest): string {
  const onTheirDay = snapshotSelect(request, 'AND b.is_partial_end = false');
  const late = snapshotSelect(request, 'AND b.is_partial_end AND b.closed_at IS NOT NULL');
  return newest(`SELECT * FROM ((${onTheirDay}) UNION ALL (${late})) b`, 'time_close', request.limit);
}

function newest(select: string, order: string, limit: number | undefined): string {
  if (limit === undefined) return `${select} ORDER BY ${order}`;
  return `SELECT * FROM (${select} ORDER BY ${order} DESC LIMIT ${limit}) newest ORDER BY time_close`;
}

/** A range in which bars have no closing row: an open interval of close instants, and a closed interval of bar numbers. */
interface Hole {
  readonly afterTs: number;
  readonly beforeTs: number;
  readonly firstSeq: number;
  readonly lastSeq: number;
}

const LAST_SEQ = 2_147_483_647;

function holesBetween(closed: ColumnTable, { untilTs = Infinity, limit }: BarSeriesRequest): Hole[] {
  const [seq, timeClose] = [closed.number('bar_seq'), closed.number('time_close')];
  const isCut = limit !== undefined && closed.length === limit;
  let previous = { seq: isCut ? seq[0] - 1 : -LAST_SEQ, ts: -Infinity };
  const holes: Hole[] = [];
  for (let i = 0; i < closed.length; i++) {
    if (seq[i] > previous.seq + 1) {
      holes.push({ afterTs: previous.ts, beforeTs: timeClose[i], firstSeq: previous.seq + 1, lastSeq: seq[i] - 1 });
    }
    previous = { seq: seq[i], ts: timeClose[i] };
  }
  holes.push({ afterTs: previous.ts, beforeTs: untilTs, firstSeq: previous.seq + 1, lastSeq: LAST_SEQ });
  return holes;
}

/** Reads the last snapshot of every bar in these ranges, by the key (id, time_close) of only those days. */
function unclosedSelect({ id, source, tf, fromTs }: BarSeriesRequest, holes: readonly Hole[]): string {
  const values = holes.map(
    ({ afterTs, beforeTs, firstSeq, lastSeq }) =>
      `(${instantSql(afterTs)}, ${instantSql(beforeTs)}, ${firstSeq}, ${lastSeq})`,
  );
  return `SELECT DISTINCT ON (b.bar_seq) ${SNAPSHOT_COLUMNS}
    FROM (VALUES ${values.join(', ')}) AS hole (after_ts, before_ts, first_seq, last_seq)
    JOIN ${BAR_TABLES[source as BarFamily].table} b ON b.id = ${idSql(id)} AND b.tf = ${quoteLiteral(tf)} AND b.is_partial_end
      AND b.time_close > hole.after_ts AND b.time_close < hole.before_ts ${andFrom('b.time_close', fromTs)}
      AND b.bar_seq BETWEEN hole.first_seq AND hole.last_seq
    ORDER BY b.bar_seq, b.time_close DESC`;
}

/** Merges the columns of all parts, ascending by close, and keeps the newest `limit` rows. */
function seriesOf(parts: readonly ColumnTable[], limit = Infinity): BarSeries {
  const closes = parts.flatMap((part, p) => Array.from(part.number('time_close'), (ts, i) => ({ ts, p, i })));
  closes.sort((a, b) => a.ts - b.ts);
  const order = closes.length > limit ? closes.slice(closes.length - limit) : closes;
  const numbers = (name: string): Float64Array => {
    const columns = parts.map((part) => part.number(name));
    return Float64Array.from(order, ({ p, i }) => columns[p][i]);
  };
  const flags = (name: string): Uint8Array => Uint8Array.from(numbers(name));
  return {
    length: order.length,
    timeOpen: numbers('time_open'),
    timeClose: numbers('time_close'),
    open: numbers('open'),
    high: numbers('high'),
    low: numbers('low'),
    close: numbers('close'),
    volume: numbers('volume'),
    marketCap: numbers('market_cap'),
    barSeq: numbers('bar_seq'),
    missingDays: numbers('count_missing_days'),
    isPartialStart: flags('is_partial_start'),
    isPartialEnd: flags('is_partial_end'),
    isMissingDays: flags('is_missing_days'),
    closedAt: numbers('closed_at'),
  };
}
