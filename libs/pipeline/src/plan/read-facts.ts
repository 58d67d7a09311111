import { BAR_FAMILIES, EVERY_DAY, tradingDaysText } from '@ta/bars-core/engine';
import {
  readChanges,
  readDailyStates,
  readEmaRefreshStates,
  readIdsWithDerived,
  readIdsWithSource,
  readRevisions,
  readStateGroups,
  readTradingDays,
  type ExpectedStates,
  type Session,
} from '@ta/state-store';
import { emaSourcesOf } from '../components.ts';
import type { AssetFacts } from './asset-facts.ts';
import type { PlanOrder } from './plan-order.ts';
import { paramsHashesByTf, specsByTf } from './state-marks.ts';

/**
 * Facts of these ids, from state and the invalidation log alone: no price history is read. The number of queries does not grow
 * with ids or timeframes.
 */
export async function readFacts(
  session: Session,
  ids: readonly number[],
  order: PlanOrder,
): Promise<(id: number) => AssetFacts> {
  const changes = new Map((await readChanges(session, ids)).map(({ id, firstTs }) => [id, firstTs]));
  const daily = new Map((await readDailyStates(session, ids)).map((state) => [state.id, state]));
  const trading = await readTradingDays(session, ids);
  const revisions = await readRevisions(session, ids);
  const groups = await readStateGroups(session, expectedStates(order), ids);
  const resets = await readEmaRefreshStates(session, ids);
  const resetStamps = new Map(resets.map(({ id, builtAtMs }) => [id, builtAtMs]));
  const withSource = await readIdsWithSource(
    session,
    ids.filter((id) => !daily.has(id)),
  );
  const isStateless = (id: number) =>
    !daily.has(id) && !withSource.has(id) && !changes.has(id) && !groups.has(id) && !resetStamps.has(id);
  const stateless = new Set(ids.filter(isStateless));
  const withDerived = await readIdsWithDerived(session, [...stateless]);
  return (id) => ({
    id,
    mayBeStored: !stateless.has(id) || withDerived.has(id),
    daily: daily.get(id) ?? null,
    tradingDays: tradingDaysText(trading.get(id) ?? EVERY_DAY),
    revisions: revisions.get(id) ?? [],
    hasSource: withSource.has(id),
    changedFromTs: changes.get(id) ?? null,
    bars: groups.get(id)?.bars ?? new Map(),
    emas: groups.get(id)?.emas ?? new Map(),
    resetStampMs: resetStamps.get(id) ?? null,
  });
}

function expectedStates(order: PlanOrder): ExpectedStates {
  const { settings, components } = order;
  const specs = BAR_FAMILIES.map((family) => [family, specsByTf(settings.timeframes[family])]);
  const sources = components.includes('emas') ? emaSourcesOf(order) : [];
  return {
    specs: Object.fromEntries(specs) as ExpectedStates['specs'],
    paramsHashes: new Map(sources.map((source) => [source.table, paramsHashesByTf(settings, source)])),
    periods: settings.periods,
  };
}
