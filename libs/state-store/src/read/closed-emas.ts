import type { Session } from '../connect/database.ts';
import type { ColumnTable } from '../copy/column-table.ts';
import { quoteLiteral, type CopyLayout } from '../copy/layout.ts';
import { nullable, required } from '../tables/keyed-table.ts';
import { copyTable, idSql, instantSql } from './copy-select.ts';

/** The view of EMAs of closed bars under plain names (docs/which-ema.md). */
export const CLOSED_EMAS: CopyLayout = {
  table: 'closed_emas',
  fields: [
    ...required('int4', 'asset'),
    ...required('text', 'timeframe'),
    ...required('timestamptz', 'closed_at'),
    ...nullable('float8', 'close'),
    ...required('int4', 'period'),
    ...nullable('float8', 'ema'),
  ],
};

/** The columns that its rows are ordered by. */
export const CLOSED_EMAS_KEY = ['asset', 'closed_at', 'timeframe', 'period'] as const;

/** The rows of an asset to read: closes from `fromTs` on and before `untilTs` (epoch ms). */
export interface ClosedEmaRows {
  readonly id: number;
  readonly fromTs: number;
  readonly untilTs: number;
  readonly tfs?: readonly string[];
  readonly periods?: readonly number[];
}

/** EMAs of closed bars, in the order of {@link CLOSED_EMAS_KEY}. */
export function readClosedEmas(session: Session, which: ClosedEmaRows): Promise<ColumnTable> {
  const { id, fromTs, untilTs, tfs, periods } = which;
  const conditions = [
    `asset = ${idSql(id)}`,
    `closed_at >= ${instantSql(fromTs)}`,
    `closed_at < ${instantSql(untilTs)}`,
    ...(tfs === undefined ? [] : [`timeframe IN (${tfs.map(quoteLiteral).join(', ')})`]),
    ...(periods === undefined ? [] : [`period IN (${periods.map((period) => Math.trunc(period)).join(', ')})`]),
  ];
  const tail = `WHERE ${conditions.join(' AND ')} ORDER BY ${CLOSED_EMAS_KEY.join(', ')}`;
  return copyTable(session, CLOSED_EMAS, tail);
}
