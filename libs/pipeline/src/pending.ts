import { BAR_FAMILIES, matchesZone } from '@ta/bars-core/engine';
import {
  readChanges,
  readDailyOverview,
  readEmaRefreshStates,
  readIdsWithSource,
  type BarsOverview,
  type DailyOverview,
  type EmasOverview,
  type Session,
} from '@ta/state-store';
import type { Component } from './components.ts';
import type { RefreshRequest } from './refresh.ts';
import { emaSourcesOf, readBars, readEmas } from './state-overview.ts';

/** Whether an id has work. */
export type IsPending = (id: number) => boolean;

/**
 * Tells which ids have work in a component, judged from state and the invalidation log alone: no price history is read.
 * The queries are grouped; their number does not grow with ids or timeframes.
 */
export async function loadPending(session: Session, request: RefreshRequest, component: Component): Promise<IsPending> {
  const { settings, finished } = request;
  const isForced = settings.fullRebuild || (component === 'emas' && settings.emaDays?.firstDay !== undefined);
  const done = finished?.[component];
  if (isForced && done === undefined) return () => true;
  const isBehind = await (component === 'bars' ? pendingBars(session, request) : pendingEmas(session, request));
  return isForced ? (id) => done?.has(id) !== true || isBehind(id) : isBehind;
}

/** Whether the days of the stored bars were decided in this zone, by the rules that it has now. */
export function hasDaysOf(zone: string, daily: DailyOverview): boolean {
  return daily.zone === zone && daily.dayRules !== null && matchesZone(daily.dayRules, zone);
}

async function pendingBars(session: Session, request: RefreshRequest): Promise<IsPending> {
  const { zone } = request.settings;
  const changed = new Set((await readChanges(session)).map(({ id }) => id));
  const dailyById = await readDailyOverview(session, request.ids);
  const families = BAR_FAMILIES.filter((family) => request.builders.includes(family));
  const bars = await readBars(session, request, families);
  const unbuilt = await unbuiltIds(session, request.ids, dailyById);
  return (id) => {
    if (unbuilt.has(id)) return true;
    const daily = dailyById.get(id);
    if (request.builders.includes('1d')) {
      const isTrue = daily !== undefined && !Number.isNaN(daily.fullBuiltAtMs);
      if (!isTrue || changed.has(id) || !hasDaysOf(zone, daily)) return true;
    }
    return daily !== undefined && families.some((family) => !barsInStep(bars.get(family)?.get(id), daily, zone));
  };
}

async function pendingEmas(session: Session, request: RefreshRequest): Promise<IsPending> {
  const sources = emaSourcesOf(request);
  const dailyById = await readDailyOverview(session, request.ids);
  const families = BAR_FAMILIES.filter((family) => sources.some(({ bars }) => bars === family));
  const bars = await readBars(session, request, families);
  const emasOf = await readEmas(session, request);
  const resets = await readEmaRefreshStates(session, request.ids);
  const resetStamps = new Map(resets.map(({ id, builtAtMs }) => [id, builtAtMs]));
  const unbuilt = await unbuiltIds(session, request.ids, dailyById);
  return (id) => {
    if (unbuilt.has(id)) return true;
    const daily = dailyById.get(id);
    const resetStampMs = resetStamps.get(id);
    if (daily === undefined) return resetStampMs !== undefined || sources.some(({ table }) => emasOf[table].has(id));
    return sources.some((source) => {
      const emas = emasOf[source.table].get(id);
      const barsBuiltAtMs =
        source.bars === null ? daily.fullBuiltAtMs : bars.get(source.bars)?.get(id)?.newestBuiltAtMs;
      const newest = source.hasDaily ? Math.max(daily.fullBuiltAtMs, barsBuiltAtMs ?? 0) : barsBuiltAtMs;
      return !emasInStep(emas, daily, resetStampMs) || emas?.newestBarsBuiltAtMs !== newest;
    });
  };
}

/** Ids with prices that no 1D step has looked at: whatever is asked of them, there is something undone. */
function unbuiltIds(
  session: Session,
  ids: readonly number[],
  daily: ReadonlyMap<number, DailyOverview>,
): Promise<ReadonlySet<number>> {
  return readIdsWithSource(
    session,
    ids.filter((id) => !daily.has(id)),
  );
}

function barsInStep(bars: BarsOverview | undefined, daily: DailyOverview, zone: string): boolean {
  return (
    bars !== undefined &&
    bars.isAsSpecified &&
    isConstant(bars.sourceBuiltAtMs, daily.fullBuiltAtMs) &&
    isConstant(bars.sourceRevision, daily.revision) &&
    isConstant(bars.dailyMaxTs, daily.lastSourceTs) &&
    bars.zone[0] === zone &&
    bars.zone[1] === zone
  );
}

function emasInStep(emas: EmasOverview | undefined, daily: DailyOverview, resetStampMs: number | undefined): boolean {
  return (
    emas !== undefined &&
    resetStampMs !== undefined &&
    emas.isAsSpecified &&
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
