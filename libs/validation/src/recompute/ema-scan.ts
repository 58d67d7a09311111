import type { EmaTableFacts, Session } from '@ta/state-store';
import type { AssetFacts } from '../assets.ts';
import type { CheckContext } from '../check-context.ts';
import { FoundList } from '../found-list.ts';
import { recomputeEmas, type EmaScan } from './recompute-emas.ts';
import { sampledTimeframes } from './sample.ts';
import { foundUnlessUnreadable } from './unreadable.ts';

/**
 * Reads the selected rows of an asset's EMA table and judges them in every way that needs the rows themselves. The fast
 * profile takes a sample of timeframes.
 */
export async function scanEmas(
  context: CheckContext,
  session: Session,
  asset: AssetFacts,
  table: EmaTableFacts,
): Promise<EmaScan> {
  const list = () => new FoundList(table.table, asset.id);
  const scan: EmaScan = { recompute: list(), bounds: list(), alignment: list(), tallies: new Map() };
  const timeframes = sampledTimeframes(context, asset, table);
  if (timeframes.length === 0) return scan;
  const unreadable = await foundUnlessUnreadable(table.table, asset.id, async () => {
    await recomputeEmas({ context, session, asset, table }, timeframes, scan);
    return [];
  });
  scan.recompute.push(...unreadable);
  return scan;
}
