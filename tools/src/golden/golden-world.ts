import type { TimeframeRow } from '@ta/bars-core/engine';
import { goldenTimeframes } from './golden-dimensions.ts';
import { goldenSource, type GoldenSource } from './golden-source.ts';
import { GOLDEN_TABLES } from './golden-tables.ts';
import { GoldenError } from './errors.ts';
import { readGoldenTable } from './read-golden-table.ts';
import type { Rows } from './rows.ts';

/** The contents of the golden set: its input, its look-up tables and the reference's output. */
export interface GoldenWorld {
  readonly source: GoldenSource;
  readonly timeframes: readonly TimeframeRow[];
  /** The rows of the reference in a table of the comparison. */
  output(name: string): Rows;
}

/**
 * Reads the golden set.
 *
 * @param folder the folder that holds `small` and `nominal`
 * @throws GoldenError `GOLDEN_MISSING_FILE`, `GOLDEN_BAD_FILE`
 */
export async function readGoldenWorld(folder: string): Promise<GoldenWorld> {
  const input = `${folder}/small`;
  const outputs = new Map<string, Rows>();
  for (const spec of GOLDEN_TABLES) {
    outputs.set(spec.name, await readGoldenTable(`${folder}/${spec.folder}`, spec.name));
  }
  return {
    source: goldenSource(await readGoldenTable(input, 'cmc_price_histories7')),
    timeframes: goldenTimeframes(await readGoldenTable(input, 'dim_timeframe')),
    output(name) {
      const rows = outputs.get(name);
      if (rows === undefined) throw new GoldenError('GOLDEN_MISSING_FILE', `${name} is no table of the comparison.`);
      return rows;
    },
  };
}
