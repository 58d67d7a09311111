import type { Session } from '../connect/database.ts';
import type { ColumnTable } from '../copy/column-table.ts';
import { quoteIdentifier, quoteLiteral } from '../copy/layout.ts';
import type { KeyedTable } from '../tables/keyed-table.ts';
import { copyTable, idSql, instantSql } from './copy-select.ts';

/** First and last instant of the rows of an asset, epoch ms; null without any. */
export async function readRowSpan(
  session: Session,
  facts: KeyedTable,
  id: number,
): Promise<{ readonly firstTs: number; readonly lastTs: number } | null> {
  const time = quoteIdentifier(facts.timeColumn);
  const [{ first, last }] = await session.query<{ first: Date | null; last: Date | null }>(
    `SELECT min(${time}) AS first, max(${time}) AS last FROM ${facts.table} WHERE id = $1`,
    [id],
  );
  return first === null || last === null ? null : { firstTs: first.getTime(), lastTs: last.getTime() };
}

/** The rows of an asset to read: from `fromTs` on and before `untilTs` (epoch ms). */
export interface KeyedRows {
  readonly id: number;
  readonly fromTs: number;
  readonly untilTs: number;
  /** Only these timeframes, in a table that has several. */
  readonly tfs?: readonly string[];
  /** Only closed bars, in a table of multi-day bars. */
  readonly isFinalOnly?: boolean;
}

/** Reads the rows of a table in key order with every column of its layout, by a range of its primary key. */
export function readKeyedRows(session: Session, facts: KeyedTable, which: KeyedRows): Promise<ColumnTable> {
  const { id, fromTs, untilTs, tfs, isFinalOnly } = which;
  const time = quoteIdentifier(facts.timeColumn);
  const conditions = [
    `id = ${idSql(id)}`,
    `${time} >= ${instantSql(fromTs)}`,
    `${time} < ${instantSql(untilTs)}`,
    ...(facts.hasTimeframes && tfs !== undefined ? [`tf IN (${tfs.map(quoteLiteral).join(', ')})`] : []),
    ...(facts.hasTimeframes && isFinalOnly === true ? ['closed_at IS NOT NULL'] : []),
  ];
  const key = ['id', time, ...(facts.hasTimeframes ? ['tf'] : [])].join(', ');
  return copyTable(session, facts.layout, `WHERE ${conditions.join(' AND ')} ORDER BY ${key}`);
}
