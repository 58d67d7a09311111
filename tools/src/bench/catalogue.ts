import { dimensionSeeds } from '@ta/pipeline';
import type { DimensionSeeds } from '@ta/state-store';

/** A part of the catalogue: which timeframes are built, and for which periods. */
export interface Catalogue {
  /** Its name in the tables of a report. */
  readonly name: string;
  isBuilt(tf: string): boolean;
  readonly periods: readonly number[];
}

/** Seeds of the dimensions in which only this part of the catalogue is canonical. */
export function seedsOf({ isBuilt, periods }: Catalogue): DimensionSeeds {
  const seeds = dimensionSeeds();
  return {
    timeframes: seeds.timeframes.map((row) => ({ ...row, isCanonical: row.isCanonical && isBuilt(row.tf) })),
    periods,
    alphas: seeds.alphas.filter(({ period }) => periods.includes(period)),
  };
}
