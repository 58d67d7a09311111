import { restingMs, type TradingDays } from '@ta/bars-core/engine';
import {
  isAhead,
  NO_CHANGES,
  readChanges,
  readNewestDays,
  readUntracedChanges,
  type NewestDays,
  type Session,
  type SourceChanges,
} from '@ta/state-store';
import { checkFreshness, type FreshnessResult } from '../freshness.ts';
import { itemContext, type ItemContext } from '../item-context.ts';
import { lookAtDaily, outcomeOf } from '../items/look-at-daily.ts';
import type { RefreshRequest } from '../refresh-request.ts';
import type { Component } from '../components.ts';
import type { Step } from '../run-report.ts';
import { withBarsInFull, withEmasInFull } from '../items/plan-item.ts';
import type { Action, Reason } from './action.ts';
import { areEmasOnlyCleared, isNoop, planAsset, type DailyOutcome, type PlannedStep } from './plan-asset.ts';
import { readFacts } from './read-facts.ts';

/** What a run does to one asset. */
export interface AssetPlan {
  readonly id: number;
  readonly steps: readonly PlannedStep[];
}

/** What a run would do (docs/operations.md#commands). */
export interface RunPlan {
  readonly assets: readonly AssetPlan[];
  /** The result of the freshness check before the EMAs; null if the run has none. */
  readonly freshness: FreshnessResult | null;
}

/** Whether an id has work in a component, by its states; `no_source` if there is no work because the id has no data at all. */
export type PendingWork = (id: number, component: Component) => 'work' | 'none' | 'no_source';

/**
 * Finds the ids that have work, from state and the invalidation log alone. The number of queries does not grow with the ids
 * or timeframes, so ids that are up to date need no transaction of their own.
 */
export async function readPending(session: Session, request: RefreshRequest): Promise<PendingWork> {
  const factsOf = await readFacts(session, request.ids, request);
  return (id, component) => {
    const steps = planAsset(factsOf(id), { ...request, components: [component] });
    if (!steps.every(isNoop)) return 'work';
    return steps.some(({ action }) => action.reason === 'no_source') ? 'no_source' : 'none';
  };
}

/** The ids without daily bars and source rows whose stored EMAs have to be deleted. */
export async function readIdsToClear(
  session: Session,
  ids: readonly number[],
  request: RefreshRequest,
): Promise<number[]> {
  if (ids.length === 0) return [];
  const factsOf = await readFacts(session, ids, request);
  return ids.filter((id) => {
    const facts = factsOf(id);
    // the state of an asset whose rows are all refused stays: without states of EMAs there is nothing to delete, in any run
    if (facts.daily !== null && facts.emas.size === 0) return false;
    return areEmasOnlyCleared(planAsset(facts, { ...request, components: ['emas'] }));
  });
}

/**
 * Plans a run, step by step. If source rows have changed, they are read as the 1D step would read them, since otherwise their
 * effect would be unknown. The session may be read-only.
 */
export async function planRun(session: Session, request: RefreshRequest): Promise<RunPlan> {
  const factsOf = await readFacts(session, request.ids, request);
  const changesOf = await readLogged(session, request);
  const newest = new Map(await readNewestDays(session, request.nowMs, request.ids));
  const assets: AssetPlan[] = [];
  const failed = new Set<number>();
  let isStopped = false;
  for (const id of request.ids) {
    const changes = changesOf(id);
    const context = itemContext(session, id, request.settings);
    const rows = request.settings.emaDays === undefined ? undefined : await context.dailyRows();
    const facts = { ...factsOf(id), changedFromTs: changes.firstTs, rows };
    const judged = planAsset(facts, request);
    const daily = judged.find(({ step }) => step === '1d');
    const outcome = daily === undefined || isNoop(daily) ? undefined : await lookAhead(context, changes, daily.action);
    // the items read the states completely, which also detects edited numbers, so the plan does too
    const read = hasWork(judged, 'bars') ? await withBarsInFull(context, facts, request) : facts;
    const seen = planAsset(read, request, outcome);
    const steps = hasWork(seen, 'emas')
      ? planAsset(await withEmasInFull(context, read, request), request, outcome)
      : seen;
    if (outcome !== undefined) setNewest(newest, id, outcome, request.nowMs, await context.tradingDays());
    assets.push({ id, steps: isStopped ? block(steps, 'bars') : steps });
    const blocked = steps.filter(({ component, action }) => component === 'bars' && action.kind === 'blocked');
    if (blocked.length > 0) failed.add(id);
    isStopped ||= !request.continueOnError && blocked.some(({ action }) => isFailure(action.reason));
  }
  const { components, skipStaleCheck, continueOnError, ids, nowMs, stalenessHours } = request;
  if (!components.includes('emas')) return { assets, freshness: null };
  const isEnded = failed.size > 0 && !continueOnError;
  const freshness = skipStaleCheck ? null : checkFreshness(ids, newest, failed, nowMs, stalenessHours);
  const held = new Set(freshness?.stale.map(({ id }) => id));
  const gone = new Set(freshness?.stale.filter(({ reason }) => reason === 'no_state').map(({ id }) => id));
  const isHeld = ({ id, steps }: AssetPlan) => held.has(id) && !(gone.has(id) && areEmasOnlyCleared(steps));
  return {
    freshness,
    assets: assets.map(({ id, steps }) => ({
      id,
      steps: isEnded ? block(steps, 'emas') : isHeld({ id, steps }) ? block(steps, 'emas', 'stale') : steps,
    })),
  };
}

/** The kinds of work of a step on an id, from the smallest to the largest. */
const KINDS = ['upToDate', 'incremental', 'backfill', 'full', 'blocked'] as const;
export type StepKind = (typeof KINDS)[number];

/** The number of ids of each kind of work in a step. */
export function countKinds({ assets }: RunPlan, component: Component, step: Step): Readonly<Record<StepKind, number>> {
  const counts = { upToDate: 0, incremental: 0, backfill: 0, full: 0, blocked: 0 };
  for (const { steps } of assets) {
    const kinds = steps.filter((one) => one.component === component && one.step === step).map(kindOf);
    counts[KINDS[Math.max(0, ...kinds.map((kind) => KINDS.indexOf(kind)))] as StepKind]++;
  }
  return counts;
}

const KIND_OF: Readonly<Record<Action['kind'], StepKind>> = {
  ...{ noop: 'upToDate', forget: 'upToDate', append: 'incremental' },
  ...{ rewind: 'backfill', rebuild: 'full', clear: 'full', blocked: 'blocked' },
};

function kindOf({ action, rows }: PlannedStep): StepKind {
  const isNothing = action.kind === 'clear' && (action.reason === 'nothing_stored' || rows?.deleted === 0);
  return isNothing ? 'upToDate' : KIND_OF[action.kind];
}

/** Changes in the log and, if the run looks for them, those that are missing in the log. */
async function readLogged(session: Session, request: RefreshRequest): Promise<(id: number) => SourceChanges> {
  const logged = new Map(await readChanges(session, request.ids));
  if (request.isDeepCheck === true && request.components.includes('bars') && request.builders.includes('1d')) {
    for (const { id, fromTs, lastTs } of await readUntracedChanges(session, request.ids)) {
      const { firstTs, rows } = logged.get(id) ?? NO_CHANGES;
      logged.set(id, { firstTs: Math.min(firstTs ?? fromTs, fromTs), lastTs, rows });
    }
  }
  return (id) => logged.get(id) ?? NO_CHANGES;
}

function hasWork(steps: readonly PlannedStep[], of: Component): boolean {
  return steps.some((step) => step.component === of && !isNoop(step));
}

async function lookAhead(context: ItemContext, changes: SourceChanges, action: Action): Promise<DailyOutcome> {
  return outcomeOf(await lookAtDaily(context, await context.dailyState(), changes, action), action, context);
}

/** Sets the newest days of an asset after the 1D step; if they are ahead of the clock, the asset gets no EMAs. */
function setNewest(
  newest: Map<number, NewestDays>,
  id: number,
  { daily }: DailyOutcome,
  nowMs: number,
  trading: TradingDays,
): void {
  const lastTs = daily?.lastSourceTs ?? null;
  if (lastTs === newest.get(id)?.lastTs) return;
  if (lastTs === null) newest.delete(id);
  else if (isAhead(lastTs, nowMs)) newest.set(id, { lastTs, notAheadTs: null });
  else newest.set(id, { lastTs, notAheadTs: lastTs, restingMs: restingMs(trading, lastTs, nowMs) });
}

/** Whether a blocked step throws, which ends a run that does not continue on errors. */
function isFailure(reason: Reason): boolean {
  return reason === 'untrue_state' || reason === 'backfill_refused';
}

function block(steps: readonly PlannedStep[], from: Component, reason: Reason = 'earlier_step'): PlannedStep[] {
  const isHit = ({ component }: PlannedStep) => from === 'bars' || component === 'emas';
  return steps.map((step) => (isHit(step) ? { ...step, action: { kind: 'blocked', reason }, rows: undefined } : step));
}
