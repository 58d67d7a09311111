import { advanceVariant, createEmaBlock, encodeVariantState } from '@ta/ema-core/engine';
import { quoteLiteral, RESUME_SQL, type EmaTableFacts, type Session } from '@ta/state-store';
import type { AssetFacts } from '../assets.ts';
import type { CheckContext } from '../check-context.ts';
import type { Found } from '../finding.ts';
import { placeText } from '../sql/found-rows.ts';
import { allRows } from '../sql/json-rows.ts';
import { readDailyInput } from './daily-input.ts';
import { openEmaLanes } from './ema-inputs.ts';
import { periodsOf } from './ema-periods.ts';
import { differingEntries } from './resume-numbers.ts';
import { foundUnlessUnreadable } from './unreadable.ts';

/** Rows computed at a time when only the state at the end is wanted. */
const SCRATCH_ROWS = 512;

/** Compares the stored resume numbers of each timeframe with those of a computation from the first bar on, bit for bit. */
export function emaResumeFindings(
  context: CheckContext,
  session: Session,
  asset: AssetFacts,
  table: EmaTableFacts,
): Promise<readonly Found[]> {
  return foundUnlessUnreadable('cmc_ema_state', asset.id, async () => {
    const stored = await allRows(
      session,
      `SELECT tf, ${RESUME_SQL} AS resume FROM cmc_ema_state WHERE id = ${asset.id} AND alignment_source = ${quoteLiteral(table.source)} ORDER BY tf`,
    );
    if (stored.length === 0) return [];
    const resumes = new Map(stored.map((row) => [row['tf'] as string, row['resume']]));
    const timeframes = context.emaTimeframes(table.source).filter(({ tf }) => resumes.has(tf));
    const daily = await readDailyInput(session, asset);
    const periods = await periodsOf(context, session, asset, table);
    const lanes = await openEmaLanes(session, asset, table, timeframes, periods, daily);
    const block = createEmaBlock({
      rows: SCRATCH_ROWS,
      timeframes: 1,
      periods: periods.length,
      withBar: table.withBar,
    });
    const found: Found[] = [];
    for (const { timeframe, state, closed, closePx, late } of lanes) {
      const input = { x: daily.close, closed, closePx, late };
      for (let from = 0; from < daily.length; from += SCRATCH_ROWS) {
        const until = Math.min(from + SCRATCH_ROWS, daily.length);
        advanceVariant(state, input, from, until, block, { firstRow: 0, offset: 0, tfOffset: 0 });
      }
      const entries = differingEntries(resumes.get(timeframe.tf), encodeVariantState(state));
      if (entries === null) continue;
      const place = { id: asset.id, tf: timeframe.tf };
      const message = `${placeText(place)}: resume of ${table.source} differs from a computation over all bars (${entries})`;
      found.push({
        table: 'cmc_ema_state',
        ...place,
        key: table.source,
        detail: { field: 'resume', entries },
        message,
      });
    }
    return found;
  });
}
