import type { Timeframe } from '@ta/bars-core/engine';
import type { Surroundings } from '@ta/cli-kit';
import { EMA_SOURCES, timeframesOfEmas, type RefreshRequest, type RunSettings } from '@ta/pipeline';
import { countUnbuiltRows, EMA_TABLES, type Database, type Session } from '@ta/state-store';
import { bytesText } from './bytes-text.ts';

/** Number of assets that are listed with their sizes. */
const NAMED = 5;

/** Prints, before assets are built for the first time, how much disk space they will take. */
export async function tellBuildSize(
  around: Surroundings,
  database: Database,
  { components, settings, ids }: Pick<RefreshRequest, 'components' | 'settings' | 'ids'>,
): Promise<void> {
  if (!components.includes('bars')) return;
  const builds = await database.session((session) => estimateFirstBuilds(session, settings, ids));
  if (builds.length === 0) return;
  const total = sum(builds.map(({ bytes }) => bytes));
  const named = builds.slice(0, NAMED).map(({ id, bytes }) => `${id}: ${bytesText(bytes)}`);
  const more = builds.length > NAMED ? ', …' : '';
  const what = builds.length === 1 ? '1 asset' : `${builds.length} assets`;
  around.warn(
    `[INFO] First build of ${what}, bars and EMAs: about ${bytesText(total)} on the disk (${named.join(', ')}${more})`,
  );
}

/**
 * The assets among `ids` that were never built, with the estimated bytes (heap and indexes) of their first build; largest first. The real
 * size on the disk differs by a quarter at most.
 */
export async function estimateFirstBuilds(
  session: Session,
  settings: RunSettings,
  ids: readonly number[],
): Promise<{ readonly id: number; readonly bytes: number }[]> {
  const rows = await countUnbuiltRows(session, ids);
  const sizes = rows.map(({ id, days }) => ({ id, bytes: estimateBytes(settings, days) }));
  return sizes.sort((a, b) => b.bytes - a.bytes);
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
 * Estimates the bytes of one asset with a row for each of `days` days: a bar snapshot per day and timeframe, and an EMA per day,
 * timeframe and period from the close that seeds it. The aligned families have no rows before the first full week, month or year: on
 * average half a period is missing.
 */
function estimateBytes(settings: RunSettings, days: number): number {
  const bars = Object.values(settings.timeframes).flat();
  let bytes = days * DAY_BYTES + sum(bars.map((timeframe) => Math.max(0, days - dropped(timeframe)))) * BAR_BYTES;
  for (const source of EMA_SOURCES) {
    const arrays = EMA_TABLES[source.table].withBar ? 2 : 1;
    for (const timeframe of timeframesOfEmas(settings, source)) {
      const values = settings.periods.map((period) =>
        Math.max(0, days - dropped(timeframe) - period * timeframe.nominalDays + 1),
      );
      const packed = Math.max(0, ...values);
      bytes += packed * (PACKED_BYTES + (arrays - 1) * ARRAY_BYTES) + sum(values) * arrays * VALUE_BYTES;
    }
  }
  return bytes;
}

function dropped({ kind, nominalDays, quantity }: Timeframe): number {
  return kind === 'aligned' ? nominalDays / quantity / 2 : 0;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
