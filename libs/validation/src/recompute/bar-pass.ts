import type { BarTable, Session } from '@ta/state-store';
import type { AssetFacts } from '../assets.ts';
import type { CheckContext } from '../check-context.ts';
import type { Found } from '../finding.ts';
import { barCounts } from './bar-counts.ts';
import { resumeFindings } from './bar-resume.ts';
import { scanBars } from './bar-scan.ts';
import { judgeBarCounts } from './count-rules.ts';
import { foundInPass, judged, type FoundByCheck } from './one-pass.ts';

const OF_COUNTS = ['B14', 'B15'] as const;

/** What a check found in a bar table, whose rows are read once for all these checks. Of B13 that is what the states resume. */
export function foundInBars(
  context: CheckContext,
  table: BarTable,
  check: 'B13' | 'B16' | (typeof OF_COUNTS)[number],
): AsyncIterable<Found> {
  return foundInPass(context, table.table, check, (session, asset) => judgeBars(context, session, asset, table));
}

async function judgeBars(
  context: CheckContext,
  session: Session,
  asset: AssetFacts,
  table: BarTable,
): Promise<FoundByCheck> {
  const found: FoundByCheck = new Map();
  const isFast = context.request.profile === 'fast';
  const hasCounts = OF_COUNTS.some((check) => context.checks.has(check));
  // the fast profile computes other days than it counts, and resumes nothing
  const hasResume = !isFast && context.checks.has('B13');
  const isScanned = context.checks.has('B16') || (!isFast && (hasCounts || hasResume));
  const scanned = () => context.passTimes.during('B16', () => scanBars(context, session, asset, table));
  const scan = isScanned ? await scanned() : null;
  if (scan !== null) found.set('B16', scan.found);
  const pass = isFast ? null : (scan?.pass ?? null);
  if (hasResume) found.set('B13', await resumeFindings(context, session, asset, table, pass));
  if (!hasCounts) return found;
  await judged(found, OF_COUNTS, async () =>
    judgeBarCounts(table.table, asset.id, await barCounts(context, session, asset, table, pass)),
  );
  return found;
}
