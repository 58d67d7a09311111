import { ALERT_EVENTS, type AlertEvent } from './event.ts';

/** When OHLC corruption is worth an alert. Both bounds must hold. */
export interface CorruptionThreshold {
  /** Share of the processed rows in percent that must be exceeded. */
  readonly maxPct: number;
  /** The least number of bad rows. */
  readonly minCount: number;
}

/** The threshold when none is configured. */
export const DEFAULT_CORRUPTION_THRESHOLD: CorruptionThreshold = { maxPct: 1, minCount: 5 };

/** How many source rows of one asset a run processed, rejected and repaired. */
export interface OhlcCounts {
  readonly id: number;
  /** Source rows processed. */
  readonly rows: number;
  /** Source rows rejected. */
  readonly rejected: number;
  /** Source rows kept with a repaired high or low; a row counts once. */
  readonly repaired: number;
}

/** Corruption above the threshold: over the whole run, for single ids, or both. */
export interface Corruption {
  readonly isOverRun: boolean;
  /** Totals of the run. */
  readonly rows: number;
  readonly rejected: number;
  readonly repaired: number;
  /** Ids that are over the threshold by themselves, the worst share first. */
  readonly worst: readonly OhlcCounts[];
}

/**
 * Measures the share of rejected and repaired source rows against the threshold, over the run and for each id. An alert needs at
 * least `minCount` bad rows and more than `maxPct` percent; exactly `maxPct` is still fine.
 *
 * @returns null when nothing is over the threshold
 */
export function findCorruption(counts: readonly OhlcCounts[], threshold: CorruptionThreshold): Corruption | null {
  const total = { id: 0, rows: 0, rejected: 0, repaired: 0 };
  for (const { rows, rejected, repaired } of counts) {
    total.rows += rows;
    total.rejected += rejected;
    total.repaired += repaired;
  }
  const worst = counts
    .filter((one) => isOver(one, threshold))
    .sort((a, b) => bad(b) * a.rows - bad(a) * b.rows || a.id - b.id);
  const isOverRun = isOver(total, threshold);
  if (!isOverRun && worst.length === 0) return null;
  return { isOverRun, rows: total.rows, rejected: total.rejected, repaired: total.repaired, worst };
}

/** The alert about corrupt prices; always CRITICAL. */
export function corruptionEvent(corruption: Corruption, runId: string): AlertEvent {
  const { rows, rejected, repaired, worst } = corruption;
  return {
    event: 'ohlc_corruption',
    severity: ALERT_EVENTS.ohlc_corruption,
    title: 'OHLC corruption above threshold',
    body: [
      `Run: ${share({ id: 0, rows, rejected, repaired })}.`,
      'Look at `ta rejects --bars`; check the source before trusting these bars.',
    ],
    details: worst.map((one) => `id ${one.id}: ${share(one)}`),
    ids: worst.map((one) => one.id),
    component: 'bars',
    runId,
    context: { rows, rejected, repaired, isOverRun: corruption.isOverRun },
  };
}

/** Shares are compared as whole millionths of a percent: 0.57 % of 10,000 rows is 57, not 56.99999999999999. */
const MILLIONTHS = 1_000_000;

function isOver(counts: OhlcCounts, { maxPct, minCount }: CorruptionThreshold): boolean {
  const allowed = BigInt(Math.round(maxPct * MILLIONTHS)) * BigInt(counts.rows);
  return bad(counts) >= minCount && BigInt(bad(counts)) * BigInt(100 * MILLIONTHS) > allowed;
}

function bad(counts: OhlcCounts): number {
  return counts.rejected + counts.repaired;
}

function share(counts: OhlcCounts): string {
  const pct = counts.rows === 0 ? 0 : (100 * bad(counts)) / counts.rows;
  return `${bad(counts)} of ${counts.rows} rows (${pct.toFixed(2)} %): ${counts.rejected} rejected, ${counts.repaired} repaired`;
}
