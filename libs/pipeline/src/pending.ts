import { createHash } from 'node:crypto';
import { BAR_FAMILIES, specOf, type BarFamily } from '@ta/bars-core';
import { variantParamsHash } from '@ta/ema-core';
import { readOverview, type BarsOverview, type DailyOverview, type EmasOverview, type Session } from '@ta/state-store';
import { EMA_SOURCES, REFRESHERS, type Component, type EmaSource } from './components.ts';
import { inKeyOrder } from './items/bar-family-item.ts';
import type { RefreshRequest } from './refresh.ts';
import type { RunSettings } from './run-settings.ts';

/** Which ids have work, judged from state and the invalidation log alone: no price history is read. */
export interface Pending {
  isPending(component: Component, id: number): boolean;
  /** Newest stored daily bar per id, epoch ms. */
  readonly lastSourceTs: ReadonlyMap<number, number>;
}

/** Reads the state of all ids in a fixed number of grouped queries. */
export async function loadPending(session: Session, request: RefreshRequest): Promise<Pending> {
  const { settings } = request;
  const overview = await readOverview(session);
  const families = BAR_FAMILIES.filter((family) => request.builders.includes(family));
  const sources = REFRESHERS.filter((refresher) => request.refreshers.includes(refresher))
    .flatMap((refresher) => EMA_SOURCES[refresher])
    .filter((source) => request.emaTables === undefined || request.emaTables.has(source.table));
  const barDigests = new Map(families.map((family) => [family, barDigest(settings, family)]));
  const emaDigests = new Map(sources.map((source) => [source.table, emaDigest(settings, source)]));

  const barsPending = (id: number): boolean => {
    const daily = overview.daily.get(id);
    if (request.builders.includes('1d')) {
      if (daily === undefined || overview.changed.has(id) || daily.zone !== settings.zone) return true;
    }
    if (daily === undefined) return false;
    return families.some((family) => {
      const bars = overview.bars[family].get(id);
      return bars === undefined || bars.digest !== barDigests.get(family) || !barsInStep(bars, daily, settings.zone);
    });
  };
  const emasPending = (id: number): boolean => {
    const daily = overview.daily.get(id);
    const resetStampMs = overview.resetStamps.get(id);
    if (daily === undefined) {
      return resetStampMs !== undefined || sources.some((source) => overview.emas[source.table].has(id));
    }
    return sources.some((source) => {
      const emas = overview.emas[source.table].get(id);
      if (emas === undefined || resetStampMs === undefined || emas.digest !== emaDigests.get(source.table)) return true;
      const barsBuiltAtMs =
        source.bars === null ? daily.fullBuiltAtMs : overview.bars[source.bars].get(id)?.newestBuiltAtMs;
      const newest = source.hasDaily ? Math.max(daily.fullBuiltAtMs, barsBuiltAtMs ?? 0) : barsBuiltAtMs;
      return !emasInStep(emas, daily, resetStampMs) || emas.newestBarsBuiltAtMs !== newest;
    });
  };
  return {
    isPending: (component, id) => {
      if (settings.fullRebuild) return true;
      if (component === 'bars') return barsPending(id);
      return settings.emaDays?.firstDay !== undefined || emasPending(id);
    },
    lastSourceTs: new Map(
      [...overview.daily].flatMap(([id, daily]) => (daily.lastSourceTs === null ? [] : [[id, daily.lastSourceTs]])),
    ),
  };
}

function barsInStep(bars: BarsOverview, daily: DailyOverview, zone: string): boolean {
  return (
    isConstant(bars.sourceBuiltAtMs, daily.fullBuiltAtMs) &&
    isConstant(bars.sourceRevision, daily.revision) &&
    isConstant(bars.dailyMaxTs, daily.lastSourceTs) &&
    bars.zone[0] === zone &&
    bars.zone[1] === zone
  );
}

function emasInStep(emas: EmasOverview, daily: DailyOverview, resetStampMs: number): boolean {
  return (
    isConstant(emas.dailyBuiltAtMs, daily.fullBuiltAtMs) &&
    isConstant(emas.sourceRevision, daily.revision) &&
    isConstant(emas.lastTs, daily.lastSourceTs) &&
    isConstant(emas.resetStampMs, resetStampMs)
  );
}

/** Whether least and greatest of a column are both `value`. */
function isConstant([least, greatest]: readonly [number | null, number | null], value: number | null): boolean {
  return least === value && greatest === value;
}

/** The same text that the store makes of its state rows: label, `=`, specification; one line each, in key order. */
export function barDigest(settings: RunSettings, family: BarFamily): string {
  return digest(inKeyOrder(settings.timeframes[family]).map((timeframe) => `${timeframe.tf}=${specOf(timeframe)}`));
}

export function emaDigest(settings: RunSettings, source: EmaSource): string {
  const timeframes = source.hasDaily ? settings.dayTimeframes : settings.timeframes[source.bars as BarFamily];
  const periods = settings.periods.join(',');
  return digest(
    inKeyOrder(timeframes).map((timeframe) => {
      const spec = { variant: source.variant, periods: settings.periods, tfDays: timeframe.nominalDays };
      return `${timeframe.tf}=${variantParamsHash(spec)}=${periods}`;
    }),
  );
}

function digest(lines: readonly string[]): string {
  return createHash('md5').update(lines.join('\n')).digest('hex');
}
