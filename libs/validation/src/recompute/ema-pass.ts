import type { EmaTableFacts } from '@ta/state-store';
import type { CheckContext } from '../check-context.ts';
import type { Check } from '../check.ts';
import { DAILY_TABLE, emaTableNames } from '../checks/table-names.ts';
import type { Found } from '../finding.ts';
import { FoundList } from '../found-list.ts';
import { judgeEmaCounts } from './count-rules.ts';
import { emaCounts } from './ema-counts.ts';
import { emaResumeFindings } from './ema-resume.ts';
import { foundInPass, judged, type FoundByCheck } from './one-pass.ts';
import type { EmaPlace } from './place.ts';
import { recomputeEmas, type EmaScan } from './recompute-emas.ts';
import { sampledTimeframes } from './sample.ts';
import { foundUnlessUnreadable } from './unreadable.ts';

/** The checks that read every stored row, and those that count them. */
const OF_ROWS = ['E03', 'E07', 'E10'] as const;
const OF_COUNTS = ['E05', 'E06', 'E08', 'E14'] as const;

/** The findings of a check in EMA tables, whose rows are read once for all checks; of E09 only those about resume numbers. */
export async function* foundInEmas(
  context: CheckContext,
  check: 'E09' | (typeof OF_ROWS)[number] | (typeof OF_COUNTS)[number],
  tables: readonly EmaTableFacts[] = context.emaTables,
): AsyncGenerator<Found> {
  for (const table of tables) yield* foundInPass(context, table, check, judgeEmas);
}

/** `tables` and `run` of a check that consists of such findings only. */
export function ofEmaPass(check: Parameters<typeof foundInEmas>[1]): Pick<Check, 'tables' | 'run'> {
  return {
    tables: (context) => [DAILY_TABLE, ...emaTableNames(context)],
    run: (context) => foundInEmas(context, check),
  };
}

async function judgeEmas(place: EmaPlace): Promise<FoundByCheck> {
  const { context, asset, table } = place;
  const found: FoundByCheck = new Map();
  const hasCounts = OF_COUNTS.some((check) => context.checks.has(check));
  // the fast profile reads the rows of a sample only, so it counts rows in the database
  const isCounted = hasCounts && context.request.profile !== 'fast';
  const isScanned = isCounted || OF_ROWS.some((check) => context.checks.has(check));
  const scan = isScanned ? await context.passTimes.during('E07', () => scanEmas(place)) : null;
  if (scan !== null) {
    found.set('E03', scan.bounds.all());
    found.set('E07', scan.recompute.all());
    found.set('E10', scan.alignment.all());
  }
  // the fast profile does not check resume numbers
  if (context.checks.has('E09') && context.request.profile !== 'fast')
    found.set('E09', await emaResumeFindings(place, scan?.resume ?? new Map<string, Float64Array>()));
  if (!hasCounts) return found;
  await judged(found, OF_COUNTS, async () => {
    const counts = await emaCounts(place, isCounted ? scan : null);
    return judgeEmaCounts(table.table, asset, counts);
  });
  return found;
}

/** Reads the selected rows for all checks that need the rows themselves; the fast profile takes a sample of timeframes. */
async function scanEmas(place: EmaPlace): Promise<EmaScan> {
  const [table, { id }] = [place.table.table, place.asset];
  const list = () => new FoundList(table, id);
  const scan: EmaScan = { recompute: list(), bounds: list(), alignment: list(), tallies: new Map(), resume: new Map() };
  const timeframes = sampledTimeframes(place);
  if (timeframes.length === 0) return scan;
  const unreadable = await foundUnlessUnreadable(table, id, async () => {
    await recomputeEmas(place, timeframes, scan);
    return [];
  });
  scan.recompute.push(...unreadable);
  return scan;
}
