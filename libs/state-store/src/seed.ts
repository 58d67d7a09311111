import type { TimeframeRow } from '@ta/bars-core/engine';
import type { Database, Session } from './connect/database.ts';
import { quoteIdentifier } from './copy/layout.ts';
import { emaAlphas, periods, timeframes } from './schema/dimensions.ts';
import { mergeRows, type MergeCounts } from './write/json-rows.ts';

/** Smoothing factors of one (timeframe, period): a row of `ema_alpha_lookup` (docs/emas.md#smoothing-factors). */
export type EmaAlphaRow = Readonly<Omit<typeof emaAlphas.$inferSelect, 'createdAt'>>;

/** The seed of the dimension tables. The application computes it; the store has no catalogue of its own. */
export interface DimensionSeeds {
  readonly timeframes: readonly TimeframeRow[];
  readonly periods: readonly number[];
  readonly alphas: readonly EmaAlphaRow[];
}

/** Number of changed rows, per table. */
export interface SeedCounts {
  readonly timeframes: MergeCounts;
  readonly periods: MergeCounts;
  readonly alphas: MergeCounts;
}

/**
 * Updates `dim_timeframe`, `dim_period` and `ema_alpha_lookup` to the seed, in one transaction. Idempotent. It keeps rows that an
 * operator added, and the operator's choices: `is_canonical`, and the list of periods unless it is empty.
 */
export async function seedDimensions(database: Database, seed: DimensionSeeds): Promise<SeedCounts> {
  return database.transaction((tx) => mergeDimensions(tx, seed));
}

/** {@link seedDimensions} inside the caller's transaction. */
export async function mergeDimensions(tx: Session, seed: DimensionSeeds): Promise<SeedCounts> {
  const [known, factors] = [await periodsIn(tx, 'dim_period'), await periodsIn(tx, 'ema_alpha_lookup')];
  const described = seed.periods
    .filter(isWanted(known))
    .map((period) => ({ period, label: `EMA ${period}`, description: `EMA over ${period} bars` }));
  const alphas = seed.alphas.filter(({ period }) => isWanted(factors)(period));
  return {
    timeframes: await mergeRows(tx, timeframes, seed.timeframes, { keep: ['is_canonical'] }),
    periods: await mergeRows(tx, periods, described),
    // `display_order` counts the existing periods; if an operator removed some, it differs from the seed, so existing rows keep
    // theirs
    alphas: await mergeRows(tx, emaAlphas, alphas, { keep: ['display_order'] }),
  };
}

/**
 * Only an empty table gets all periods of the seed. A period that an operator removed is not added again, since runs would
 * compute it again.
 */
function isWanted(present: ReadonlySet<number>): (period: number) => boolean {
  return (period) => present.size === 0 || present.has(period);
}

async function periodsIn(tx: Session, table: 'dim_period' | 'ema_alpha_lookup'): Promise<Set<number>> {
  const rows = await tx.query<{ period: number }>(`SELECT DISTINCT period FROM ${quoteIdentifier(table)}`);
  return new Set(rows.map(({ period }) => period));
}
