import {
  buildSnapshots,
  createSnapshotColumns,
  encodeBarState,
  openBarState,
  type Timeframe,
  type TradingDays,
} from '@ta/bars-core/engine';
import { readBarStates } from '@ta/state-store';
import type { Found } from '../finding.ts';
import { foundAt } from '../sql/found-rows.ts';
import { readDailyInput, type DailyInput } from './daily-input.ts';
import type { BarPlace } from './place.ts';
import type { BarPass } from './recompute-bars.ts';
import { resumeDifference } from './resume-numbers.ts';
import { foundUnlessUnreadable } from './unreadable.ts';

/** Rows folded at a time when only the final state is needed. */
const SCRATCH_ROWS = 1024;

/**
 * Compares the stored resume numbers of each timeframe with those of a fold over all daily bars, bit for bit, and the seal of the
 * state with its row.
 *
 * @param pass over the asset's rows, which may have folded them all; null without one
 */
export function resumeFindings(place: BarPlace, pass: BarPass | null): Promise<readonly Found[]> {
  const { context, session, asset, table } = place;
  return foundUnlessUnreadable(table.stateTable, asset.id, async () => {
    const stored = (await readBarStates(session, asset.id, [table.family])).get(table.family);
    if (stored === undefined) return [];
    const resume = pass?.resume ?? null;
    const daily = resume === null ? await readDailyInput(place) : null;
    const byTf = new Map(context.barTimeframes(table.family).map((timeframe) => [timeframe.tf, timeframe]));
    const found: Found[] = [];
    for (const state of stored) {
      const timeframe = byTf.get(state.tf);
      if (timeframe === undefined) continue;
      const expected = daily === null ? resume?.get(timeframe.tf) : foldedState(daily, timeframe, asset.trading);
      const what = resumeDifference(state, expected as Float64Array, 'a fold over all daily bars');
      if (what === null) continue;
      const { text, detail } = what;
      found.push(foundAt(table.stateTable, { id: asset.id, tf: state.tf }, text, { detail }));
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
