import { firstIndexAfter, parseCivilDay } from '@ta/bars-core/engine';
import type { EmaDays } from '../run-settings.ts';
import type { DailyBarsFacts } from './asset-facts.ts';

/** The daily rows of one id for which the EMAs of a table are brought up to date; epoch ms. */
export interface EmaReach {
  /** First row whose EMAs are recomputed regardless of the state; null if no recomputation was requested. */
  readonly againFromTs: number | null;
  /** Last row that is included. */
  readonly lastTs: number;
}

type DailyRows = NonNullable<DailyBarsFacts['rows']>;

/**
 * The daily rows that the requested days select for one table of an id; every stored daily row if no days were requested.
 *
 * @param lastSourceTs newest daily row, epoch ms
 * @param storedTs newest stored rows of the table, whose days are kept even if they are after the requested ones; empty if
 * everything is rebuilt
 * @param rows the daily rows; if absent, the days are assumed to include all of them
 * @returns null when no daily row is selected
 */
export function emaReach(
  days: EmaDays | undefined,
  lastSourceTs: number,
  storedTs: readonly number[],
  rows: DailyRows | undefined,
): EmaReach | null {
  const { firstDay, lastDay } = days ?? {};
  if (firstDay === undefined && lastDay === undefined) return { againFromTs: null, lastTs: lastSourceTs };
  if (rows === undefined) return { againFromTs: firstDay === undefined ? null : -Infinity, lastTs: lastSourceTs };
  const firstTs = firstDay === undefined ? null : (rows.ts[rowAtOrAfter(rows, firstDay)] ?? null);
  const endTs = lastDay === undefined ? lastSourceTs : rows.ts[rowAtOrAfter(rows, lastDay, 1) - 1];
  const untilTs = Math.max(endTs ?? -Infinity, ...storedTs);
  if (untilTs === -Infinity) return null;
  // the newest stored rows may be of days that no longer exist; a day that comes back must not count as processed
  const lastTs = rows.ts[firstIndexAfter(rows.ts, untilTs) - 1] ?? untilTs;
  return { againFromTs: firstTs, lastTs };
}

/** Index of the first row at or after a civil day plus `later` days. */
function rowAtOrAfter(rows: DailyRows, isoDay: string, later = 0): number {
  const day = parseCivilDay(isoDay) + later;
  const found = rows.day.findIndex((rowDay) => rowDay >= day);
  return found < 0 ? rows.ts.length : found;
}
