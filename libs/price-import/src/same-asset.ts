import { ONE_DAY_MS } from '@ta/bars-core/engine';
import { type FileAsset, placeholderName } from './asset-name.ts';
import { ImportError } from './errors.ts';
import { utcDayText, utcDay } from './parse-instant.ts';
import type { AssetRecord, StoredCloses } from './price-sink.ts';
import type { SourceBatch } from './source-batch.ts';

/** How far before the first and after the last row of the file stored closes are read for comparison. */
export const NEIGHBOURHOOD_MS = 31 * ONE_DAY_MS;

/** What the operator and the file say about its asset. */
export interface AssetClaim {
  readonly id: number;
  /** The operator's name for it, or null. */
  readonly givenName: string | null;
  readonly file: FileAsset;
  readonly isCloseOnly: boolean;
}

/**
 * Refuses the prices of another asset: Litecoin under the id of BNB would destroy BNB's history. It compares name, symbol and
 * closes: those of the same days if the file and the stored rows overlap, else those that are next to each other in time. It also
 * refuses a file of closes alone for an asset with all four prices.
 *
 * @param rows what the file holds
 * @param closes the stored closes of the file's period and {@link NEIGHBOURHOOD_MS} around it
 * @throws ImportError `IMPORT_OTHER_ASSET`, naming everything that differs
 */
export function assertSameAsset(
  claim: AssetClaim,
  rows: SourceBatch,
  stored: AssetRecord | null,
  closes: StoredCloses,
): void {
  if (stored === null && closes.ts.length === 0) return;
  const differences = [
    ...(stored === null ? [] : nameDifferences(claim, stored)),
    ...priceDifference(rows, closes),
    ...(stored === null ? [] : kindDifference(claim, stored, closes)),
  ];
  if (differences.length === 0) return;
  const what = stored === null ? `asset ${claim.id}` : `asset ${claim.id} (${JSON.stringify(stored.name)})`;
  throw new ImportError('IMPORT_OTHER_ASSET', `the file does not seem to hold ${what}: ${differences.join('; ')}`, {
    hint: `Check the id (ta assets list). To delete what is stored under ${claim.id} and import the file in its place: --replace-asset. To change a name only: ta assets rename.`,
    context: { id: claim.id, differences },
  });
}

function nameDifferences({ id, givenName, file }: AssetClaim, stored: AssetRecord): string[] {
  const isNamed = stored.name !== placeholderName(id);
  const found: string[] = [];
  const name = givenName ?? file.name;
  if (isNamed && name !== null && !isSameText(name, stored.name)) {
    const says = givenName === null ? 'the file says' : '--name says';
    found.push(`${says} ${JSON.stringify(name)}, stored is ${JSON.stringify(stored.name)}`);
  }
  if (file.symbol !== null && stored.symbol !== null && !isSameText(file.symbol, stored.symbol)) {
    found.push(`its symbol is ${JSON.stringify(file.symbol)}, stored is ${JSON.stringify(stored.symbol)}`);
  }
  return found;
}

function kindDifference(claim: AssetClaim, stored: AssetRecord, closes: StoredCloses): string[] {
  if (!claim.isCloseOnly || stored.isCloseOnly || closes.ts.length === 0) return [];
  return ['it has only closes, but the stored days have open, high and low'];
}

function isSameText(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

/** Refused if half of the common days differ by more than this factor: a revision is smaller, or concerns few days. */
const MOST_ON_SAME_DAYS = 1.5;
/** Refused if all compared neighbours in time differ by more than this factor: no price moves that far in a few days. */
const MOST_BETWEEN_NEIGHBOURS = 3;
/** With fewer common days a difference can be a correction. */
const ENOUGH_DAYS = 3;
const NEAR_DAYS = 7;

function priceDifference(rows: SourceBatch, closes: StoredCloses): string[] {
  const stored = new Map<number, number>();
  for (let i = 0; i < closes.ts.length; i++) {
    if (closes.close[i] > 0) stored.set(utcDay(closes.ts[i]), closes.close[i]);
  }
  const common: Pair[] = [];
  for (let row = 0; row < rows.length; row++) {
    const there = stored.get(rows.day[row]);
    if (there !== undefined && rows.close[row] > 0) {
      common.push({ day: rows.day[row], there, here: rows.close[row], otherDay: rows.day[row] });
    }
  }
  if (common.length >= ENOUGH_DAYS) {
    const sorted = common.sort((a, b) => factor(a) - factor(b));
    const middle = sorted[sorted.length >> 1];
    if (factor(middle) <= MOST_ON_SAME_DAYS) return [];
    const far = sorted.filter((pair) => factor(pair) > MOST_ON_SAME_DAYS).length;
    return [`on ${far} of ${common.length} common days the close differs, ${pairText(middle)}`];
  }
  const pairs = [...common, ...neighbours(rows, stored)];
  const nearest = pairs.sort((a, b) => factor(a) - factor(b))[0];
  if (nearest === undefined || factor(nearest) <= MOST_BETWEEN_NEIGHBOURS) return [];
  return [`the closest day of the file is far from the stored close, ${pairText(nearest)}`];
}

interface Pair {
  readonly day: number;
  readonly here: number;
  readonly otherDay: number;
  readonly there: number;
}

/** The greater close divided by the other. */
function factor({ here, there }: Pair): number {
  return here > there ? here / there : there / here;
}

function pairText({ day, here, otherDay, there }: Pair): string {
  const other = otherDay === day ? 'the stored close is' : `the stored close of ${utcDayText(otherDay)} is`;
  return `for example ${here} on ${utcDayText(day)}, ${other} ${there}`;
}

/** The first and the last day of the file, each with the nearest other day that is stored, if that is near enough. */
function neighbours(rows: SourceBatch, stored: ReadonlyMap<number, number>): Pair[] {
  const known = Array.from({ length: rows.length }, (_, row) => row).filter((row) => rows.close[row] > 0);
  if (known.length === 0 || stored.size === 0) return [];
  const first = known.reduce((a, b) => (rows.day[b] < rows.day[a] ? b : a));
  const last = known.reduce((a, b) => (rows.day[b] > rows.day[a] ? b : a));
  return [...new Set([first, last])].flatMap((row) => {
    const day = rows.day[row];
    const near = [...stored.keys()].filter((other) => other !== day && Math.abs(other - day) <= NEAR_DAYS);
    if (near.length === 0) return [];
    const otherDay = near.reduce((a, b) => (Math.abs(b - day) < Math.abs(a - day) ? b : a));
    return [{ day, here: rows.close[row], otherDay, there: stored.get(otherDay) as number }];
  });
}
