import type { Timeframe } from '@ta/bars-core/engine';
import { countUnbuiltRows, type Session } from '@ta/state-store';
import { EMA_SOURCES, REFRESHERS, timeframesOfEmas } from './components.ts';
import type { RunSettings } from './run-settings.ts';

/** The estimated size of a first build, within a quarter of what it takes on the disk. */
export interface BuildSize {
  readonly barRows: number;
  readonly emaRows: number;
  /** Heap and indexes. */
  readonly bytes: number;
}

/** Bytes of a row with its share of the indexes, measured on built assets (tools/src/capacity/measured.json). */
const BAR_BYTES = 273;
const EMA_BYTES = 194;
/** Bytes per day of everything else: prices, 1D bars, states. */
const DAY_BYTES = 1_314;

/**
 * Estimates the rows and bytes of one asset with a row for each of `days` days: a bar snapshot per day and timeframe, an EMA per day,
 * timeframe and period from the close on that seeds it. Days before the first full week, month or year have none in the
 * aligned families; half of one on average.
 * @param settings.timeframes and periods of the run
 */
export function estimateBuild(
  settings: Pick<RunSettings, 'timeframes' | 'dayTimeframes' | 'periods'>,
  days: number,
): BuildSize {
  const bars = Object.values(settings.timeframes).flat();
  const barRows = sum(bars.map((timeframe) => Math.max(0, days - dropped(timeframe))));
  const series = REFRESHERS.flatMap((refresher) => EMA_SOURCES[refresher])
    .flatMap((source) => timeframesOfEmas(settings, source))
    .flatMap((timeframe) => settings.periods.map((period) => dropped(timeframe) + period * timeframe.nominalDays));
  const emaRows = sum(series.map((seedDay) => Math.max(0, days - seedDay + 1)));
  return { barRows, emaRows, bytes: barRows * BAR_BYTES + emaRows * EMA_BYTES + days * DAY_BYTES };
}

function dropped({ kind, nominalDays, quantity }: Timeframe): number {
  return kind === 'aligned' ? nominalDays / quantity / 2 : 0;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** The assets among `ids` that were never built, with what their first build comes to; largest first. */
export async function estimateFirstBuilds(
  session: Session,
  settings: RunSettings,
  ids: readonly number[],
): Promise<{ readonly id: number; readonly size: BuildSize }[]> {
  const rows = await countUnbuiltRows(session, ids);
  const sizes = rows.map(({ id, days }) => ({ id, size: estimateBuild(settings, days) }));
  return sizes.sort((a, b) => b.size.bytes - a.size.bytes);
}
