import type { BarFamily } from '@ta/bars-core/engine';
import type { Session } from '../connect/database.ts';
import type { CopyLayout } from '../copy/layout.ts';
import { BAR_TABLES } from '../tables/bar-tables.ts';
import { required } from '../tables/keyed-table.ts';
import { copyTable, idSql, instantSql } from './copy-select.ts';

/** Closed bars of one timeframe, ascending by `timeClose` (epoch ms). */
export interface ClosedBarsOfTimeframe {
  readonly length: number;
  readonly timeClose: Float64Array;
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

/**
 * Closed bars (`is_partial_end = false`) of one id for all timeframes of a family, in one read: the inputs of its EMAs.
 * @param range only bars that close after `afterTs` (epoch ms, exclusive); all without
 */
export async function readClosedBars(
  session: Session,
  family: BarFamily,
  id: number,
  range: { readonly afterTs?: number } = {},
): Promise<ClosedBars> {
  const { afterTs = -Infinity } = range;
  const layout: CopyLayout = {
    table: BAR_TABLES[family].table,
    fields: [
      ...required('text', 'tf'),
      ...required('timestamptz', 'time_close'),
      ...required('float8', 'close'),
      ...required('int4', 'bar_seq'),
    ],
  };
  const after = afterTs === -Infinity ? '' : `AND time_close > ${instantSql(afterTs)}`;
  const rows = await copyTable(
    session,
    layout,
    `WHERE id = ${idSql(id)} AND is_partial_end = false ${after} ORDER BY tf, time_close`,
  );
  const { codes, labels } = rows.codes('tf');
  const columns = {
    timeClose: rows.number('time_close'),
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
        close: columns.close.subarray(from, until),
        barSeq: columns.barSeq.subarray(from, until),
      };
    },
  };
}
