import type { BarTable, Session } from '@ta/state-store';
import type { AssetFacts } from '../assets.ts';
import type { CheckContext } from '../check-context.ts';
import type { Found } from '../finding.ts';
import { recomputeBars, type BarPass } from './recompute-bars.ts';
import { foundUnlessUnreadable } from './unreadable.ts';

/** What one pass over the stored snapshots of an asset in a table found; each part belongs to a check of its own. */
export interface BarScan {
  /** Snapshots that are not what the daily bars give (B16). */
  readonly found: readonly Found[];
  /** Counts and states on the way (B13 to B15); null when the daily bars could not be folded. */
  readonly pass: BarPass | null;
}

/** Reads the selected snapshots of an asset in a table. */
export async function scanBars(
  context: CheckContext,
  session: Session,
  asset: AssetFacts,
  table: BarTable,
): Promise<BarScan> {
  let pass: BarPass | null = null;
  const found = await foundUnlessUnreadable(table.table, asset.id, async () => {
    pass = await recomputeBars(context, session, asset, table);
    return pass.found.all();
  });
  return { found, pass };
}
