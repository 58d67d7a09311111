import type { EmaTableFacts, Session } from '@ta/state-store';
import type { AssetFacts } from '../assets.ts';
import type { CheckContext } from '../check-context.ts';
import { FoundList } from '../found-list.ts';
import { recomputeEmas } from './recompute-emas.ts';
import { sampledTimeframes } from './sample.ts';
import { foundUnlessUnreadable } from './unreadable.ts';

/** How many rows of a series one pass saw. */
export interface SeriesTally {
  readonly tf: string;
  readonly period: number;
  rows: number;
  canonical: number;
  /** Instant of the newest row, epoch ms. */
  newestTs: number;
}

/** What one pass over the stored rows of an asset's EMA table found; each part belongs to a check of its own. */
export interface EmaScan {
  /** Rows that are not what their bars give (E07). */
  readonly recompute: FoundList;
  /** Values outside the prices they can be made of (E03). */
  readonly bounds: FoundList;
  /** Canonical rows without a close, closes without a canonical row, rows without a day (E10). */
  readonly alignment: FoundList;
  /** Rows per series, by `tf period`. */
  readonly tallies: Map<string, SeriesTally>;
}

const scans = new WeakMap<CheckContext, Map<string, Promise<EmaScan>>>();

/**
 * Reads the selected rows of an asset's EMA table once, whichever check asks first, and judges them in every way that needs
 * the rows themselves. The fast profile takes a sample of timeframes.
 */
export function scanEmas(
  context: CheckContext,
  session: Session,
  asset: AssetFacts,
  table: EmaTableFacts,
): Promise<EmaScan> {
  const byKey = scans.get(context) ?? new Map<string, Promise<EmaScan>>();
  scans.set(context, byKey);
  const key = `${table.table} ${asset.id}`;
  const scan = byKey.get(key) ?? context.passTimes.during('E07', () => scanned(context, session, asset, table));
  byKey.set(key, scan);
  return scan;
}

async function scanned(
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
