import type { BarFamily } from '@ta/bars-core/engine';
import type { Session } from '../connect/database.ts';
import type { ColumnTable } from '../copy/column-table.ts';
import { BAR_TABLES } from '../tables/bar-tables.ts';
import { required } from '../tables/keyed-table.ts';
import { idSql, instantSql } from '../sql-conditions.ts';
import { copyQuery } from './copy-select.ts';

/** Closed bars of one timeframe, ascending by `timeClose`; instants are epoch ms. */
export interface ClosedBars {
  readonly timeClose: Float64Array;
  /** When the bar was known to be closed: `timeClose`, or the close instant of the row after it. */
  readonly closedAt: Float64Array;
  readonly close: Float64Array;
}

/** The closed bars of a timeframe; empty when it has none. */
export type ClosedBarsOf = (tf: string) => ClosedBars;

const FIELDS = [
  ...required('text', 'tf'),
  ...required('timestamptz', 'time_close', 'closed_at'),
  ...required('float8', 'close'),
];

/**
 * Closed bars of one id for all timeframes of a family, in one read: the inputs of its EMAs.
 * @param afterTs only bars that became known to be closed after this instant (epoch ms), the instant of a daily row
 */
export async function readClosedBars(
  session: Session,
  family: BarFamily,
  id: number,
  afterTs = -Infinity,
): Promise<ClosedBarsOf> {
  const select = (condition: string) =>
    `SELECT tf, time_close, closed_at, close FROM ${BAR_TABLES[family].table} WHERE id = ${idSql(id)} AND ${condition}`;
  const at = instantSql(afterTs);
  const isAll = afterTs === -Infinity;
  // each kind of bar has its own index; a bar that was known to be closed late ends with the row right before the row that showed
  // it
  const onTheirDay = select(`is_partial_end = false ${isAll ? '' : `AND time_close > ${at}`}`);
  const late = select(
    `is_partial_end AND closed_at IS NOT NULL ${isAll ? '' : `AND time_close >= ${at} AND closed_at > ${at}`}`,
  );
  const rows = await copyQuery(
    session,
    BAR_TABLES[family].table,
    FIELDS,
    `${onTheirDay} UNION ALL ${late} ORDER BY tf, time_close`,
  );
  return closedBarsOf(rows);
}

/**
 * @param rows columns `tf`, `time_close`, `closed_at` and `close`, one timeframe after the other, each ascending by `time_close`
 */
export function closedBarsOf(rows: ColumnTable): ClosedBarsOf {
  const runs = rows.runs('tf');
  const [timeClose, closedAt, close] = ['time_close', 'closed_at', 'close'].map((column) => rows.number(column));
  return (tf) => {
    const [from, until] = runs.get(tf) ?? [0, 0];
    const own = (column: Float64Array) => column.subarray(from, until);
    return { timeClose: own(timeClose), closedAt: own(closedAt), close: own(close) };
  };
}
