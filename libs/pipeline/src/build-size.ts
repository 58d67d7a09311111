import type { Timeframe } from '@ta/bars-core/engine';
import { countUnbuiltRows, EMA_TABLES, type Session } from '@ta/state-store';
import { EMA_SOURCES, timeframesOfEmas } from './components.ts';
import type { RunSettings } from './run-settings.ts';

/** The estimated size of a first build. The real size on the disk differs by a quarter at most. */
export interface BuildSize {
  readonly barRows: number;
  readonly emaRows: number;
  /** Heap and indexes. */
  readonly bytes: number;
}

/** Bytes of a row with its share of the indexes, measured on built assets (tools/src/capacity/measured.json). */
const BAR_BYTES = 185;
/** Bytes of a packed row of EMAs with its share of the index, and of each of its values; tables with `ema_bar` have two arrays. */
const PACKED_BYTES = 115;
const ARRAY_BYTES = 24;
const VALUE_BYTES = 8;
/** Bytes per day of everything else: prices, 1D bars, states. */
const DAY_BYTES = 1_314;

/**
 * Estimates the rows and bytes of one asset with a row for each of `days` days: a bar snapshot per day and timeframe, and an EMA per day,
 * timeframe and period from the close that seeds it. The aligned families have no rows before the first full week, month or year: on
 * average half a period is missing.
 * @param settings.timeframes and periods of the run
 */
function estimateBuild(
  settings: Pick<RunSettings, 'timeframes' | 'dayTimeframes' | 'periods'>,
  days: number,
): BuildSize {
  const bars = Object.values(settings.timeframes).flat();
  const barRows = sum(bars.map((timeframe) => Math.max(0, days - dropped(timeframe))));
  let [emaRows, emaBytes] = [0, 0];
  for (const source of EMA_SOURCES) {
    const arrays = EMA_TABLES[source.table].withBar ? 2 : 1;
    for (const timeframe of timeframesOfEmas(settings, source)) {
      const values = settings.periods.map((period) =>
        Math.max(0, days - dropped(timeframe) - period * timeframe.nominalDays + 1),
      );
      const packed = Math.max(0, ...values);
      emaRows += sum(values);
      emaBytes += packed * (PACKED_BYTES + (arrays - 1) * ARRAY_BYTES) + sum(values) * arrays * VALUE_BYTES;
    }
  }
  return { barRows, emaRows, bytes: barRows * BAR_BYTES + emaBytes + days * DAY_BYTES };
}

function dropped({ kind, nominalDays, quantity }: Timeframe): number {
  return kind === 'aligned' ? nominalDays / quantity / 2 : 0;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** The assets among `ids` that were never built, with the estimated size of their first build; largest first. */
export async function estimateFirstBuilds(
  session: Session,
  settings: RunSettings,
  ids: readonly number[],
): Promise<{ readonly id: number; readonly size: BuildSize }[]> {
  const rows = await countUnbuiltRows(session, ids);
  const sizes = rows.map(({ id, days }) => ({ id, size: estimateBuild(settings, days) }));
  return sizes.sort((a, b) => b.size.bytes - a.size.bytes);
}
