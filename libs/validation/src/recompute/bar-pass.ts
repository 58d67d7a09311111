import type { BarTable } from '@ta/state-store';
import type { CheckContext } from '../check-context.ts';
import type { Check } from '../check.ts';
import { DAILY_TABLE, multiDayTableNames } from '../checks/table-names.ts';
import type { Found } from '../finding.ts';
import { barCounts } from './bar-counts.ts';
import { resumeFindings } from './bar-resume.ts';
import { judgeBarCounts } from './count-rules.ts';
import { foundInPass, judged, type FoundByCheck } from './one-pass.ts';
import type { BarPlace } from './place.ts';
import { recomputeBars, type BarPass } from './recompute-bars.ts';
import { foundUnlessUnreadable } from './unreadable.ts';

const OF_COUNTS = ['B14', 'B15'] as const;

/** The findings of a check in bar tables, whose rows are read once for all checks; of B13 only those about resume numbers. */
export async function* foundInBars(
  context: CheckContext,
  check: 'B13' | 'B16' | (typeof OF_COUNTS)[number],
  tables: readonly BarTable[] = context.barTables,
): AsyncGenerator<Found> {
  for (const table of tables) yield* foundInPass(context, table, check, judgeBars);
}

/** `tables` and `run` of a check that consists of such findings only. */
export function ofBarPass(check: Parameters<typeof foundInBars>[1]): Pick<Check, 'tables' | 'run'> {
  return {
    tables: (context) => [DAILY_TABLE, ...multiDayTableNames(context)],
    run: (context) => foundInBars(context, check),
  };
}

async function judgeBars(place: BarPlace): Promise<FoundByCheck> {
  const { context, asset, table } = place;
  const found: FoundByCheck = new Map();
  const isFast = context.request.profile === 'fast';
  const hasCounts = OF_COUNTS.some((check) => context.checks.has(check));
  // the fast profile recomputes other days than it counts, and does not check resume numbers
  const hasResume = !isFast && context.checks.has('B13');
  const isScanned = context.checks.has('B16') || (!isFast && (hasCounts || hasResume));
  const scan = isScanned ? await context.passTimes.during('B16', () => scanBars(place)) : null;
  if (scan !== null) found.set('B16', scan.found);
  const pass = isFast ? null : (scan?.pass ?? null);
  if (hasResume) found.set('B13', await resumeFindings(place, pass));
  if (!hasCounts) return found;
  await judged(found, OF_COUNTS, async () => judgeBarCounts(table.table, asset.id, await barCounts(place, pass)));
  return found;
}

/** Compares the selected snapshots; the pass, with counts and states, is null when the daily bars could not be folded. */
async function scanBars(place: BarPlace): Promise<{ found: readonly Found[]; pass: BarPass | null }> {
  let pass: BarPass | null = null;
  const found = await foundUnlessUnreadable(place.table.table, place.asset.id, async () => {
    pass = await recomputeBars(place);
    return pass.found.all();
  });
  return { found, pass };
}
