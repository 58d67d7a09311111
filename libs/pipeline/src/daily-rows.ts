import { dayOpenings, type DailySeries } from '@ta/bars-core/engine';
import { readDailyBars, type Session } from '@ta/state-store';

/** Daily bars, as input of the multi-day bars and EMAs. */
export interface DailyRows extends DailySeries {
  /** 1D `bar_seq` of each row. */
  readonly barSeq: Float64Array;
}

/** The daily rows to read: those of an id after an instant (epoch ms), with civil days in a zone. */
export interface DailyRowsRequest {
  readonly id: number;
  readonly zone: string;
  readonly afterTs: number;
}

/** Reads daily rows, ascending. */
export type DailyRowsReader = (tx: Session, request: DailyRowsRequest) => Promise<DailyRows>;

/** Reads the 1D bars, whose civil days are stored with them. */
export const readDailyRows: DailyRowsReader = async (tx, { id, afterTs }) => {
  const { dayFrom, dayUntil, ...bars } = await readDailyBars(tx, id, afterTs);
  return { ...bars, timeOpen: dayOpenings(bars.timeOpen, { dayFrom, dayUntil }) };
};

/** The rows from index `start` (inclusive) to `end` (exclusive), as views of the same memory. */
export function cutRows(rows: DailyRows, start: number, end: number): DailyRows {
  if (start === 0 && end === rows.length) return rows;
  const columns = Object.entries(rows).filter(([, column]) => ArrayBuffer.isView(column)) as [string, Float64Array][];
  const cut = Object.fromEntries(columns.map(([name, column]) => [name, column.subarray(start, end)]));
  return { ...rows, ...cut, length: end - start };
}
