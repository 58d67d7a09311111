import { specOf, type BarFamily } from '@ta/bars-core/engine';
import { variantParamsHash } from '@ta/ema-core/engine';
import {
  readBarsOverview,
  readEmasOverview,
  type BarsOverview,
  type EmasOverview,
  type EmaSpecs,
  type Session,
} from '@ta/state-store';
import { EMA_SOURCES, REFRESHERS, type EmaSource } from './components.ts';
import type { RefreshRequest } from './refresh.ts';
import type { RunSettings } from './run-settings.ts';

/** The EMA tables that a run, or one refresher of it, writes. */
export function emaSourcesOf({ refreshers, emaTables }: Pick<RefreshRequest, 'refreshers' | 'emaTables'>): EmaSource[] {
  return REFRESHERS.filter((refresher) => refreshers.includes(refresher))
    .flatMap((refresher) => EMA_SOURCES[refresher])
    .filter((source) => emaTables === undefined || emaTables.has(source.table));
}

/** Bar states of the run's ids in short, one grouped query a family. */
export async function readBars(
  session: Session,
  request: RefreshRequest,
  families: readonly BarFamily[],
): Promise<ReadonlyMap<BarFamily, ReadonlyMap<number, BarsOverview>>> {
  const overviews = new Map<BarFamily, ReadonlyMap<number, BarsOverview>>();
  for (const family of families) {
    const specs = new Map(request.settings.timeframes[family].map((timeframe) => [timeframe.tf, specOf(timeframe)]));
    overviews.set(family, await readBarsOverview(session, family, specs, request.ids));
  }
  return overviews;
}

/** EMA states of the run's ids in short, one grouped query. */
export function readEmas(
  session: Session,
  request: RefreshRequest,
): Promise<Readonly<Record<EmaSource['table'], ReadonlyMap<number, EmasOverview>>>> {
  const { settings } = request;
  const hashes = new Map(emaSourcesOf(request).map((source) => [source.table, paramsHashes(settings, source)]));
  const tables = Object.values(EMA_SOURCES).flatMap((sources) => sources.map(({ table }) => table));
  const perTable = tables.map((table) => [table, hashes.get(table) ?? new Map<string, string>()]);
  const specs = { paramsHashes: Object.fromEntries(perTable) as EmaSpecs['paramsHashes'], periods: settings.periods };
  return readEmasOverview(session, specs, request.ids);
}

function paramsHashes(settings: RunSettings, source: EmaSource): Map<string, string> {
  const timeframes = source.hasDaily ? settings.dayTimeframes : settings.timeframes[source.bars as BarFamily];
  return new Map(
    timeframes.map(({ tf, nominalDays }) => {
      const spec = { variant: source.variant, periods: settings.periods, tfDays: nominalDays };
      return [tf, variantParamsHash(spec)];
    }),
  );
}
