import type { CivilDay, DailySeries } from '@ta/bars-core/engine';
import type { Session } from '../connect/database.ts';
import type { ColumnTable } from '../copy/column-table.ts';
import type { CopyLayout } from '../copy/layout.ts';
import { DAILY_BARS, DAILY_REJECTS } from '../tables/daily-tables.ts';
import { dailyBars } from '../schema/bars.ts';
import { fieldsOf } from '../tables/table-fields.ts';
import { EARLIEST_INSTANT_SQL, isBeyondSql, LATEST_INSTANT_SQL } from '../instant-range.ts';
import { andSince, idSql, instantSql, type FirstInstant } from '../sql-conditions.ts';
import { copyTable, readObjects, type RowColumns } from './copy-select.ts';

/**
 * Stored daily bars of one id, ascending by `ts`; NaN is NULL. `timeOpen` is the row's own opening instant, even if it is outside
 * of its day.
 */
export interface StoredDailyBars extends DailySeries {
  /** First instant of the civil day, and of the day after it, epoch ms. */
  readonly dayFrom: Float64Array;
  readonly dayUntil: Float64Array;
  readonly barSeq: Float64Array;
}

/** The columns of daily bars that later steps read, see {@link dailyBarsOf}. */
export const DAILY_SERIES: CopyLayout = {
  table: DAILY_BARS.table,
  fields: fieldsOf(
    dailyBars,
    ...['timestamp', 'bar_seq', 'day', 'open', 'high', 'low', 'close', 'volume', 'market_cap'],
    ...['time_open', 'time_high', 'time_low', 'day_from', 'day_until'],
  ),
};

/**
 * Daily bars of one id in one read, for all timeframes.
 * @param afterTs only rows whose `timestamp` is after this instant, epoch ms
 */
export async function readDailyBars(
  session: Session,
  id: number,
  afterTs: number = Number.NEGATIVE_INFINITY,
): Promise<StoredDailyBars> {
  const since = andSince('"timestamp"', { afterTs });
  const rows = await copyTable(session, DAILY_SERIES, `WHERE id = ${idSql(id)} ${since} ORDER BY "timestamp"`);
  return dailyBarsOf(rows);
}

/** Columns of `cmc_price_bars_1d` as a series. */
export function dailyBarsOf(rows: ColumnTable): StoredDailyBars {
  return {
    length: rows.length,
    ts: rows.number('timestamp'),
    barSeq: rows.number('bar_seq'),
    timeOpen: rows.number('time_open'),
    day: Int32Array.from(rows.number('day')),
    dayFrom: rows.number('day_from'),
    dayUntil: rows.number('day_until'),
    open: rows.number('open'),
    high: rows.number('high'),
    low: rows.number('low'),
    close: rows.number('close'),
    volume: rows.number('volume'),
    marketCap: rows.number('market_cap'),
    timeHigh: rows.number('time_high'),
    timeLow: rows.number('time_low'),
  };
}

/** The stored daily rows of one id from an instant on, and facts about the rows before it. */
export interface DailyTail {
  /** Number of source rows before the instant, including rejected ones and those before the year 0001. */
  readonly rowsBefore: number;
  /** Numbers of source rows and of rejects whose instant is outside the years 0001 to 9999; `rejects` does not contain the latter. */
  readonly rowsBeyond: number;
  readonly rejectsBeyond: number;
  /** Close instant of the last stored bar before the instant, epoch ms, or null. */
  readonly previousBarTs: number | null;
  /** Civil day of that bar, counted from 1970-01-01, or null. */
  readonly previousBarDay: CivilDay | null;
  /** Number of rejects between that bar and the instant; 0 if there is no such bar. */
  readonly rejectsBefore: number;
  /** Stored bars and rejects from the instant on, with all columns that the writer supplies, ascending by `timestamp`. */
  readonly bars: ColumnTable;
  readonly rejects: ColumnTable;
}

/** Reads the stored daily rows of one id from an instant on, and the facts that the builder needs to continue there. */
export async function readDailyTail(session: Session, id: number, first: FirstInstant): Promise<DailyTail> {
  const where = `WHERE id = ${idSql(id)}`;
  const from = `${where} ${andSince('"timestamp"', first)}`;
  const ascending = 'ORDER BY "timestamp"';
  const [head, bars, rejects] = await Promise.all([
    readHead(session, where, beforeSql(first)),
    copyTable(session, DAILY_BARS.layout, `${from} ${ascending}`),
    copyTable(session, DAILY_REJECTS.layout, `${from} AND NOT ${isBeyondSql('"timestamp"')} ${ascending}`),
  ]);
  return { ...head, bars, rejects };
}

/** SQL condition for the instants before a tail. If the tail begins at −∞, only rows before the year 0001 come before it. */
function beforeSql(first: FirstInstant): string {
  const [sign, ts] = 'fromTs' in first ? ['<', first.fromTs] : ['<=', first.afterTs];
  return ts === -Infinity ? `< ${EARLIEST_INSTANT_SQL}` : `${sign} ${instantSql(ts as number)}`;
}

async function readHead(session: Session, where: string, before: string): Promise<Omit<DailyTail, 'bars' | 'rejects'>> {
  // rows outside the years 0001 to 9999 are two ranges of the key, which are nearly always empty
  const beyond = (table: string) =>
    [`< ${EARLIEST_INSTANT_SQL}`, `> ${LATEST_INSTANT_SQL}`]
      .map((range) => `(SELECT count(*) FROM ${table} ${where} AND "timestamp" ${range})`)
      .join(' + ');
  // written once more, not taken from `b`: Citus refuses a subquery that refers to another one
  const previousTs = `(SELECT max("timestamp") FROM ${DAILY_BARS.table} ${where} AND "timestamp" ${before})`;
  const columns: RowColumns<Omit<DailyTail, 'bars' | 'rejects'>> = {
    rowsBefore: ['int8', 'c.rows'],
    rowsBeyond: ['int8', beyond('cmc_price_histories7')],
    rejectsBeyond: ['int8', beyond(DAILY_REJECTS.table)],
    previousBarTs: ['timestamptz?', 'b."timestamp"'],
    previousBarDay: ['date?', 'b.day'],
    rejectsBefore: [
      'int8',
      `(SELECT count(*) FROM ${DAILY_REJECTS.table} ${where} AND "timestamp" > ${previousTs} AND "timestamp" ${before})`,
    ],
  };
  const [head] = await readObjects(
    session,
    'daily head',
    columns,
    (
      sql,
    ) => `SELECT ${sql} FROM (SELECT count(*) AS rows FROM cmc_price_histories7 ${where} AND "timestamp" ${before}) c
     LEFT JOIN (SELECT "timestamp", day FROM ${DAILY_BARS.table} ${where} AND "timestamp" ${before} ORDER BY "timestamp" DESC LIMIT 1) b ON true`,
  );
  return head;
}
