import {
  DAILY_BARS,
  readClosedEmas,
  readIdsOfAssets,
  readRowSpan,
  type ColumnTable,
  type Session,
} from '@ta/state-store';
import { stretchesOfDays } from './day-stretches.ts';
import type { RowChoice } from './row-choice.ts';

/** Days read at a time; there are far fewer closed bars than days times timeframes. */
const DAYS_PER_BATCH = 500;

/** The EMAs of closed bars, one asset and a range of days at a time. All of them are final. */
export async function* readClosedEmaBatches(
  session: Session,
  choice: RowChoice,
): AsyncGenerator<ColumnTable, void, undefined> {
  for (const id of choice.ids ?? (await readIdsOfAssets(session))) {
    // bars close only between the first and the last daily bar of their asset, which an index gives quickly
    const days = await readRowSpan(session, DAILY_BARS, id);
    if (days === null) continue;
    const from = Math.max(days.firstTs, choice.fromTs ?? -Infinity);
    const until = Math.min(days.lastTs + 1, choice.untilTs ?? Infinity);
    for (const [fromTs, untilTs] of stretchesOfDays(from, until, DAYS_PER_BATCH)) {
      const batch = await readClosedEmas(session, { ...choice, id, fromTs, untilTs });
      if (batch.length > 0) yield batch;
    }
  }
}
