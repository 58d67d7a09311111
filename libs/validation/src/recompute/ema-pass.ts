import type { EmaTableFacts, Session } from '@ta/state-store';
import type { AssetFacts } from '../assets.ts';
import type { CheckContext } from '../check-context.ts';
import type { Found } from '../finding.ts';
import { judgeEmaCounts } from './count-rules.ts';
import { emaCounts } from './ema-counts.ts';
import { scanEmas } from './ema-scan.ts';
import { foundInPass, judged, type FoundByCheck } from './one-pass.ts';

/** The checks that look at every stored row, and those that count them. */
const OF_ROWS = ['E03', 'E07', 'E10'] as const;
const OF_COUNTS = ['E05', 'E06', 'E08', 'E14'] as const;

/** What a check found in an EMA table, whose rows are read once for all these checks. */
export function foundInEmas(
  context: CheckContext,
  table: EmaTableFacts,
  check: (typeof OF_ROWS)[number] | (typeof OF_COUNTS)[number],
): AsyncIterable<Found> {
  return foundInPass(context, table.table, check, (session, asset) => judgeEmas(context, session, asset, table));
}

async function judgeEmas(
  context: CheckContext,
  session: Session,
  asset: AssetFacts,
  table: EmaTableFacts,
): Promise<FoundByCheck> {
  const found: FoundByCheck = new Map();
  const hasCounts = OF_COUNTS.some((check) => context.checks.has(check));
  // the rows of a sample are not all rows: the fast profile counts them in the database
  const isCounted = hasCounts && context.request.profile !== 'fast';
  const isScanned = isCounted || OF_ROWS.some((check) => context.checks.has(check));
  const scanned = () => context.passTimes.during('E07', () => scanEmas(context, session, asset, table));
  const scan = isScanned ? await scanned() : null;
  if (scan !== null) {
    found.set('E03', scan.bounds.all());
    found.set('E07', scan.recompute.all());
    found.set('E10', scan.alignment.all());
  }
  if (!hasCounts) return found;
  await judged(found, OF_COUNTS, async () => {
    const counts = await emaCounts(context, session, asset, table, isCounted ? scan : null);
    return judgeEmaCounts(table.table, asset, counts);
  });
  return found;
}
