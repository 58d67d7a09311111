import type { Timeframe } from '@ta/bars-core/engine';
import { advanceVariant, createEmaBlock, encodeVariantState } from '@ta/ema-core/engine';
import { readEmaStates, type EmaStateRow } from '@ta/state-store';
import type { Found } from '../finding.ts';
import { foundAt } from '../sql/found-rows.ts';
import { readDailyInput } from './daily-input.ts';
import { openEmaLanes } from './ema-inputs.ts';
import { periodsOf } from './ema-periods.ts';
import type { EmaPlace } from './place.ts';
import { resumeDifference } from './resume-numbers.ts';
import { foundUnlessUnreadable } from './unreadable.ts';

/** Rows computed at a time when only the final state is needed. */
const SCRATCH_ROWS = 512;

/**
 * Compares the stored resume numbers of each timeframe with those of a computation from the first bar on, bit for bit, and the seal
 * of the state with its row.
 *
 * @param known the right numbers by timeframe, as far as a pass over the asset's rows has computed them
 */
export function emaResumeFindings(
  place: EmaPlace,
  known: ReadonlyMap<string, Float64Array>,
): Promise<readonly Found[]> {
  const { context, session, asset, table } = place;
  return foundUnlessUnreadable('cmc_ema_state', asset.id, async () => {
    const stored = (await readEmaStates(session, asset.id, table.source)).get(table.source);
    if (stored === undefined) return [];
    const states = new Map(stored.map((row) => [row.tf, row]));
    const timeframes = context.emaTimeframes(table.source).filter(({ tf }) => states.has(tf));
    const isKnown = timeframes.every(({ tf }) => known.has(tf));
    const expected = isKnown ? known : await computedStates(place, timeframes);
    const found: Found[] = [];
    for (const { tf } of timeframes) {
      const what = resumeDifference(
        states.get(tf) as EmaStateRow,
        expected.get(tf) as Float64Array,
        'a computation over all bars',
      );
      if (what === null) continue;
      const text = `${table.source}: ${what.text}`;
      const more = { key: table.source, detail: what.detail };
      found.push(foundAt('cmc_ema_state', { id: asset.id, tf }, text, more));
    }
    return found;
  });
}

async function computedStates(
  place: EmaPlace,
  timeframes: readonly Timeframe[],
): Promise<ReadonlyMap<string, Float64Array>> {
  const daily = await readDailyInput(place);
  const periods = await periodsOf(place);
  const lanes = await openEmaLanes(place, timeframes, periods, daily);
  const shape = { rows: SCRATCH_ROWS, timeframes: 1, periods: periods.length, withBar: place.table.withBar };
  const block = createEmaBlock(shape);
  return new Map(
    lanes.map(({ timeframe, state, closed, closePx, late }) => {
      const input = { x: daily.close, closed, closePx, late };
      for (let from = 0; from < daily.length; from += SCRATCH_ROWS) {
        const until = Math.min(from + SCRATCH_ROWS, daily.length);
        advanceVariant(state, input, from, until, { block, firstRow: 0, offset: 0, tfOffset: 0 });
      }
      return [timeframe.tf, encodeVariantState(state)];
    }),
  );
}
