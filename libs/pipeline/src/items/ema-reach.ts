import { parseCivilDay } from '@ta/bars-core/engine';
import type { EmaStateRow } from '@ta/state-store';
import { firstIndexAtOrAfter, type DailyRows, type ItemContext } from '../item-context.ts';

/** Between which daily rows of one id the EMAs of a table are brought up to date; epoch ms. */
export interface EmaReach {
  /** First row whose EMAs are computed again whatever the state says; null when nothing of the kind was asked for. */
  readonly againFromTs: number | null;
  /** Last row that is taken in. */
  readonly lastTs: number;
}

/**
 * What the days of a run come to for one table of an id. Without days: every stored daily row.
 *
 * @param lastSourceTs newest daily row, epoch ms
 * @param states what is stored of the table: its days are never taken back, unless all is rebuilt
 * @returns null when no daily row is within reach
 */
export async function emaReach(
  context: ItemContext,
  lastSourceTs: number,
  states: readonly EmaStateRow[],
): Promise<EmaReach | null> {
  const { emaDays, fullRebuild } = context.run;
  if (emaDays === undefined) return { againFromTs: null, lastTs: lastSourceTs };
  const rows = await context.dailyRows();
  const firstTs = emaDays.firstDay === undefined ? null : (rows.ts[rowAtOrAfter(rows, emaDays.firstDay)] ?? null);
  const endTs = emaDays.lastDay === undefined ? lastSourceTs : rows.ts[rowAtOrAfter(rows, emaDays.lastDay, 1) - 1];
  const storedTs = fullRebuild ? [] : states.map((state) => state.lastTs);
  const lastTs = Math.max(endTs ?? -Infinity, ...storedTs);
  return lastTs === -Infinity ? null : { againFromTs: firstTs, lastTs };
}

/** The daily rows up to an instant, itself included, as views. */
export function rowsUntil(rows: DailyRows, lastTs: number): Pick<DailyRows, 'length' | 'ts' | 'close' | 'barSeq'> {
  const length = firstIndexAtOrAfter(rows.ts, lastTs + 0.001);
  if (length === rows.length) return rows;
  const cut = (column: Float64Array) => column.subarray(0, length);
  return { length, ts: cut(rows.ts), close: cut(rows.close), barSeq: cut(rows.barSeq) };
}

/** Index of the first row at or after a civil day, or so many days later. */
function rowAtOrAfter(rows: DailyRows, isoDay: string, later = 0): number {
  const day = parseCivilDay(isoDay) + later;
  const found = rows.day.findIndex((rowDay) => rowDay >= day);
  return found < 0 ? rows.length : found;
}
