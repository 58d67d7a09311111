import type { BarFamily } from '@ta/bars-core/engine';
import type { Session } from '../connect/database.ts';
import { BAR_TABLES } from '../tables/bar-tables.ts';
import { required } from '../tables/keyed-table.ts';
import { copyQuery, idSql, instantSql } from './copy-select.ts';

/** Closed bars of one timeframe, ascending by `timeClose`; instants are epoch ms. */
export interface ClosedBarsOfTimeframe {
  readonly length: number;
  readonly timeClose: Float64Array;
  /** When the bar was known closed: `timeClose`, or the close instant of the row after it. */
  readonly closedAt: Float64Array;
  readonly close: Float64Array;
  readonly barSeq: Float64Array;
}

/** Closed bars of one id and family: all timeframes in one set of columns, grouped by timeframe. */
export interface ClosedBars extends ClosedBarsOfTimeframe {
  /** The timeframes that have closed bars here, in key order (bytewise). */
  readonly timeframes: readonly string[];
  /** The bars of one timeframe as views of the columns; empty when it has none. */
  of(tf: string): ClosedBarsOfTimeframe;
}

const FIELDS = [
  ...required('text', 'tf'),
  ...required('timestamptz', 'time_close', 'closed_at'),
  ...required('float8', 'close'),
  ...required('int4', 'bar_seq'),
];

/**
 * Closed bars of one id for all timeframes of a family, in one read: the inputs of its EMAs.
 * @param range only bars that are known closed after the daily row of `afterTs` (epoch ms); all without
 */
export async function readClosedBars(
  session: Session,
  family: BarFamily,
  id: number,
  range: { readonly afterTs?: number } = {},
): Promise<ClosedBars> {
  const { afterTs = -Infinity } = range;
  const select = (condition: string) =>
    `SELECT tf, time_close, closed_at, close, bar_seq FROM ${BAR_TABLES[family].table} WHERE id = ${idSql(id)} AND ${condition}`;
  const at = instantSql(afterTs);
  const isAll = afterTs === -Infinity;
  // each half by an index of its own; the row of a bar that is known closed late is the one right before
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
  const { codes, labels } = rows.codes('tf');
  const columns = {
    timeClose: rows.number('time_close'),
    closedAt: rows.number('closed_at'),
    close: rows.number('close'),
    barSeq: rows.number('bar_seq'),
  };
  const ranges = new Map<string, readonly [number, number]>();
  for (let from = 0; from < rows.length; ) {
    let until = from + 1;
    while (until < rows.length && codes[until] === codes[from]) until++;
    ranges.set(labels[codes[from]], [from, until]);
    from = until;
  }
  return {
    length: rows.length,
    ...columns,
    timeframes: [...ranges.keys()],
    of(tf) {
      const [from, until] = ranges.get(tf) ?? [0, 0];
      return {
        length: until - from,
        timeClose: columns.timeClose.subarray(from, until),
        closedAt: columns.closedAt.subarray(from, until),
        close: columns.close.subarray(from, until),
        barSeq: columns.barSeq.subarray(from, until),
      };
    },
  };
}
