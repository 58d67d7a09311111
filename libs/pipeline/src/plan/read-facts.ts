import { BAR_FAMILIES, EVERY_DAY, tradingDaysText } from '@ta/bars-core/engine';
import {
  readChanges,
  readDailyStates,
  readIdsWithDerived,
  readIdsWithSource,
  readResetStamps,
  readRevisions,
  readStateGroups,
  readTradingDays,
  type ExpectedStates,
  type Session,
} from '@ta/state-store';
import { emaSourcesOf } from '../components.ts';
import type { AssetFacts } from './asset-facts.ts';
import type { PlanRequest } from './plan-request.ts';
import { paramsHashesByTf, specsByTf } from './state-marks.ts';

/**
 * Reads the facts of these ids from state and the invalidation log alone, without the price history. The number of queries does
 * not grow with the ids or timeframes.
 */
export async function readFacts(
  session: Session,
  ids: readonly number[],
  request: PlanRequest,
): Promise<(id: number) => AssetFacts> {
  const [changes, daily, trading, revisions, groups, resetStamps] = await Promise.all([
    readChanges(session, ids),
    readDailyStates(session, ids),
    readTradingDays(session, ids),
    readRevisions(session, ids),
    readStateGroups(session, expectedStates(request), ids),
    readResetStamps(session, ids),
  ]);
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
    changedFromTs: changes.get(id)?.firstTs ?? null,
    bars: groups.get(id)?.bars ?? new Map(),
    emas: groups.get(id)?.emas ?? new Map(),
    resetStampMs: resetStamps.get(id) ?? null,
  });
}

function expectedStates(request: PlanRequest): ExpectedStates {
  const { settings, components } = request;
  const specs = BAR_FAMILIES.map((family) => [family, specsByTf(settings.timeframes[family])]);
  const sources = components.includes('emas') ? emaSourcesOf(request) : [];
  return {
    specs: Object.fromEntries(specs) as ExpectedStates['specs'],
    paramsHashes: new Map(sources.map((source) => [source.table, paramsHashesByTf(settings, source)])),
    periods: settings.periods,
  };
}
