import {
  buildSnapshots,
  createSnapshotColumns,
  encodeBarState,
  openBarState,
  type Timeframe,
  type TradingDays,
} from '@ta/bars-core/engine';
import { RESUME_SQL, type BarTable, type Session } from '@ta/state-store';
import type { AssetFacts } from '../assets.ts';
import type { CheckContext } from '../check-context.ts';
import type { Found } from '../finding.ts';
import { allRows } from '../sql/json-rows.ts';
import { placeText } from '../sql/found-rows.ts';
import { readDailyInput, type DailyInput } from './daily-input.ts';
import type { BarPass } from './recompute-bars.ts';
import { differingEntries } from './resume-numbers.ts';
import { foundUnlessUnreadable } from './unreadable.ts';

/** Rows folded at a time when only the state at the end is wanted. */
const SCRATCH_ROWS = 1024;

/**
 * Compares the stored resume numbers of each timeframe with those of a fold over all daily bars, bit for bit.
 *
 * @param pass over the asset's rows, which may have folded them all; null without one
 */
export function resumeFindings(
  context: CheckContext,
  session: Session,
  asset: AssetFacts,
  table: BarTable,
  pass: BarPass | null,
): Promise<readonly Found[]> {
  return foundUnlessUnreadable(table.stateTable, asset.id, async () => {
    const stored = await allRows(
      session,
      `SELECT tf, ${RESUME_SQL} AS resume FROM ${table.stateTable} WHERE id = ${asset.id} ORDER BY tf`,
    );
    if (stored.length === 0) return [];
    const resume = pass?.resume ?? null;
    const daily = resume === null ? await readDailyInput(session, asset) : null;
    const byTf = new Map(context.barTimeframes(table.family).map((timeframe) => [timeframe.tf, timeframe]));
    const found: Found[] = [];
    for (const row of stored) {
      const timeframe = byTf.get(row['tf'] as string);
      if (timeframe === undefined) continue;
      const expected = daily === null ? resume?.get(timeframe.tf) : foldedState(daily, timeframe, asset.trading);
      const entries = differingEntries(row['resume'], expected as Float64Array);
      if (entries === null) continue;
      const place = { id: asset.id, tf: timeframe.tf };
      const message = `${placeText(place)}: resume differs from a fold over all daily bars (${entries})`;
      found.push({ table: table.stateTable, ...place, detail: { field: 'resume', entries }, message });
    }
    return found;
  });
}

function foldedState(daily: DailyInput, timeframe: Timeframe, trading: TradingDays): Float64Array {
  const state = openBarState(timeframe);
  const out = createSnapshotColumns(Math.min(SCRATCH_ROWS, daily.length));
  for (let from = 0; from < daily.length; from += out.capacity) {
    out.length = 0;
    const until = Math.min(from + out.capacity, daily.length);
    buildSnapshots(daily, timeframe, { state, from, until, out, trading });
  }
  return encodeBarState(state);
}
