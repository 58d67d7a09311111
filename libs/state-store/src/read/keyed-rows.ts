import type { Session } from '../connect/database.ts';
import type { ColumnTable } from '../copy/column-table.ts';
import { quoteIdentifier, quoteLiteral } from '../copy/layout.ts';
import { CLOSED_EMAS, CLOSED_EMAS_KEY } from '../tables/closed-emas.ts';
import type { KeyedTable } from '../tables/keyed-table.ts';
import { idSql, instantSql } from '../sql-conditions.ts';
import { copyTable } from './copy-select.ts';

/** First and last instant of the rows of an asset, epoch ms; null without any. */
export type RowSpan = { readonly firstTs: number; readonly lastTs: number } | null;

/** Reads the span of a table's rows by a range of its primary key. */
export function readRowSpan(session: Session, { table, timeColumn }: KeyedTable, id: number): Promise<RowSpan> {
  const time = quoteIdentifier(timeColumn);
  return readSpan(session, `SELECT min(${time}) AS first, max(${time}) AS last FROM ${table} WHERE id = $1`, [id]);
}

/** The span that a statement returns as one row with the columns `first` and `last`. */
export async function readSpan(session: Session, sql: string, parameters: unknown[]): Promise<RowSpan> {
  const [{ first, last }] = await session.query<{ first: Date | null; last: Date | null }>(sql, parameters);
  return first === null || last === null ? null : { firstTs: first.getTime(), lastTs: last.getTime() };
}

/** The rows of an asset to read: from `fromTs` on and before `untilTs` (epoch ms). */
export interface KeyedRows {
  readonly id: number;
  readonly fromTs: number;
  readonly untilTs: number;
  /** Only these timeframes, in a table that has several. */
  readonly tfs?: readonly string[];
}

/**
 * Reads the rows of a table in key order with every column of its layout, by a range of its primary key.
 *
 * @param which.isFinalOnly whether only closed bars are read, in a table of multi-day bars
 */
export function readKeyedRows(
  session: Session,
  { layout, timeColumn, hasTimeframes }: KeyedTable,
  { isFinalOnly, ...which }: KeyedRows & { readonly isFinalOnly?: boolean },
): Promise<ColumnTable> {
  const time = quoteIdentifier(timeColumn);
  const isFinal = hasTimeframes && isFinalOnly === true ? 'AND closed_at IS NOT NULL' : '';
  const where = whereSql({ id: 'id', time, tf: hasTimeframes ? 'tf' : null }, which);
  return copyTable(session, layout, `${where} ${isFinal} ORDER BY id, ${time}${hasTimeframes ? ', tf' : ''}`);
}

/** Reads EMAs of closed bars, in the order of {@link CLOSED_EMAS_KEY}. */
export function readClosedEmas(
  session: Session,
  { periods, ...which }: KeyedRows & { readonly periods?: readonly number[] },
): Promise<ColumnTable> {
  const isPeriod = periods === undefined ? '' : `AND period IN (${periods.map(Math.trunc).join(', ')})`;
  const where = whereSql({ id: 'asset', time: 'closed_at', tf: 'timeframe' }, which);
  return copyTable(session, CLOSED_EMAS, `${where} ${isPeriod} ORDER BY ${CLOSED_EMAS_KEY.join(', ')}`);
}

/** @param columns the columns of the key, as SQL */
function whereSql(
  columns: { readonly id: string; readonly time: string; readonly tf: string | null },
  { id, fromTs, untilTs, tfs }: KeyedRows,
): string {
  const isTf =
    columns.tf === null || tfs === undefined ? '' : `AND ${columns.tf} IN (${tfs.map(quoteLiteral).join(', ')})`;
  const isWithin = `${columns.time} >= ${instantSql(fromTs)} AND ${columns.time} < ${instantSql(untilTs)}`;
  return `WHERE ${columns.id} = ${idSql(id)} AND ${isWithin} ${isTf}`;
}
