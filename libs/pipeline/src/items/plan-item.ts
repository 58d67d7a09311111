import { inKeyOrder, tradingDaysText, type BarFamily, type Timeframe } from '@ta/bars-core/engine';
import type { StateGroup } from '@ta/state-store';
import { emaSourcesOf, REFRESHERS, timeframesOfEmas, type EmaSource } from '../components.ts';
import type { ItemContext } from '../item-context.ts';
import type { Action, Reason } from '../plan/action.ts';
import { whatIsUntrue, type AssetFacts, type DailyBarsFacts } from '../plan/asset-facts.ts';
import type { PlanRequest } from '../plan/plan-request.ts';
import { planAsset, type DailyOutcome, type PlannedStep } from '../plan/plan-asset.ts';
import { paramsHashesByTf, specsByTf } from '../plan/state-marks.ts';
import { InputBehind, noRows } from '../run-report.ts';
import type { StepResult } from './step-result.ts';

/** A timeframe with rows to write. */
export type WriteAction = Extract<Action, { readonly kind: 'rewind' }> | (Action & { kind: 'append' | 'rebuild' });

/** The plan of a step for one table of an item. */
export interface TablePlan {
  /** Timeframes with rows or a state to write, in the order of the tables' keys. */
  readonly work: readonly (Pick<PlannedStep, 'inputs'> & {
    readonly timeframe: Timeframe;
    readonly action: WriteAction;
  })[];
  /** Timeframes whose states are no longer used and are deleted. */
  readonly strays: readonly string[];
  /** Whether the rows of the table are deleted, because there are no daily bars. */
  readonly isCleared: boolean;
  /** Why the step is blocked; null if it is not. */
  readonly blockedBy: Reason | null;
}

/** The plan of one bar family, from the states in the item's transaction. The 1D step has finished, or is not part of the run. */
export async function planBarItem(context: ItemContext, family: BarFamily): Promise<TablePlan> {
  const { id, run } = context;
  const [daily, states] = await Promise.all([dailyFacts(context), barGroups(context, family)]);
  const done: DailyOutcome = {
    ...daily,
    action: { kind: 'noop', reason: 'in_step' },
    counts: { written: 0, deleted: 0 },
  };
  const bars = new Map([[family, states]]);
  const builders = ['1d', family] as const;
  const request = { components: ['bars'] as const, builders, refreshers: [], settings: run };
  return tablePlan(
    planAsset({ id, ...daily, ...NOTHING_ELSE, bars }, request, done).filter(({ step }) => step === family),
    run.timeframes[family],
  );
}

/**
 * The plan of one EMA table, from the states in the item's transaction.
 * @param resetStampMs stamp of the id's `cmc_ema_refresh_state` row
 */
export async function planEmaItem(context: ItemContext, source: EmaSource, resetStampMs: number): Promise<TablePlan> {
  const { id, run } = context;
  const [daily, barStates, states] = await Promise.all([
    dailyFacts(context),
    source.bars === null ? [] : context.barGroups(source.bars),
    emaGroups(context, source),
  ]);
  const bars = source.bars === null || daily.daily === null ? NOTHING_ELSE.bars : new Map([[source.bars, barStates]]);
  const emas = new Map([[source.table, states]]);
  const emaTables = new Set([source.table]);
  const request = { components: ['emas'] as const, builders: [], refreshers: REFRESHERS, emaTables, settings: run };
  const facts = { id, ...daily, ...NOTHING_ELSE, bars, emas, resetStampMs };
  return tablePlan(planAsset(facts, request), timeframesOfEmas(run, source));
}

/** The facts of an asset, with the complete states of the bars of a request as the items read them. */
export async function withBarsInFull(
  context: ItemContext,
  facts: AssetFacts,
  request: PlanRequest,
): Promise<AssetFacts> {
  const bars = new Map(facts.bars);
  for (const family of facts.bars.keys()) {
    if (request.builders.includes(family)) bars.set(family, await barGroups(context, family));
  }
  return { ...facts, bars };
}

/** The facts of an asset, with the complete states of the EMAs of a request. */
export async function withEmasInFull(
  context: ItemContext,
  facts: AssetFacts,
  request: PlanRequest,
): Promise<AssetFacts> {
  const emas = new Map(facts.emas);
  for (const source of emaSourcesOf(request)) {
    if (facts.emas.has(source.table)) emas.set(source.table, await emaGroups(context, source));
  }
  return { ...facts, emas };
}

async function barGroups({ run, barStates }: ItemContext, family: BarFamily): Promise<StateGroup[]> {
  const specs = specsByTf(run.timeframes[family]);
  return (await barStates(family)).map((state) => ({
    tfs: [state.tf],
    isAsSpecified: state.spec === specs.get(state.tf),
    isEdited: state.isEdited === true,
    zone: state.zone,
    dailyBuiltAtMs: state.sourceBuiltAtMs,
    dailyRevision: state.sourceRevision,
    lastTs: state.dailyMaxTs,
    barsBuiltAtMs: state.builtAtMs,
    resetStampMs: Number.NaN,
  }));
}

async function emaGroups({ run, emaStates }: ItemContext, source: EmaSource): Promise<StateGroup[]> {
  const hashes = paramsHashesByTf(run, source);
  return (await emaStates(source.table)).map((state) => ({
    tfs: [state.tf],
    isAsSpecified: state.paramsHash === hashes.get(state.tf) && state.periods.join() === run.periods.join(),
    isEdited: state.isEdited === true,
    zone: '',
    dailyBuiltAtMs: state.dailyBuiltAtMs,
    dailyRevision: state.sourceRevision,
    lastTs: state.lastTs,
    barsBuiltAtMs: state.barsBuiltAtMs,
    resetStampMs: state.resetStampMs,
  }));
}

/** The timeframes whose rows are all written again, and so deleted first; there may be rows even without a state. */
export function rebuiltOf(work: readonly { readonly timeframe: Timeframe; readonly action: WriteAction }[]) {
  const rebuilt = work.filter(({ action }) => action.kind === 'rebuild');
  return { tfs: rebuilt.map(({ timeframe }) => timeframe.tf), fromTs: -Infinity };
}

/** First instant whose stored rows are compared with recomputed ones; null if none are. */
export function rewoundFrom({ action }: { readonly action: WriteAction }): number | null {
  return action.kind === 'rewind' ? action.fromTsMs : null;
}

/** Timeframes grouped by an instant of each; those without one are left out. */
export function rangesOf<W extends { readonly timeframe: Timeframe }>(
  work: readonly W[],
  instantOf: (item: W) => number | null,
): { tfs: string[]; fromTs: number }[] {
  const groups = new Map<number, string[]>();
  for (const item of work) {
    const fromTs = instantOf(item);
    if (fromTs !== null) groups.set(fromTs, [...(groups.get(fromTs) ?? []), item.timeframe.tf]);
  }
  return [...groups].map(([fromTs, tfs]) => ({ tfs, fromTs }));
}

/**
 * The result of a step that must not do anything because its input is not up to date.
 *
 * @param what the table, and what its input lacks
 * @throws IncompleteState if the reason is the state of the daily bars
 */
export async function blockedResult(context: ItemContext, reason: Reason, what: string): Promise<StepResult> {
  const daily = await context.dailyState();
  if (reason === 'untrue_state' && daily !== null) throw new IncompleteState(context.id, whatIsUntrue(daily) ?? '');
  const why = reason === 'trading_days_changed' ? OTHER_TRADING_DAYS : what;
  return { status: 'derived_behind', rows: noRows(), notices: [], error: new InputBehind(context.id, why) };
}

/**
 * Thrown when a step reads daily bars whose state does not record how they were built, and the 1D step is not part of the run.
 */
class IncompleteState extends Error {
  override readonly name = 'IncompleteState';
  readonly code = 'PIPELINE_UNTRUE_STATE';
  readonly hint = 'Run all builders: the daily bars and everything derived from them are rebuilt.';

  constructor(id: number, what: string) {
    super(`id ${id}: cmc_price_bars_1d_state does not name ${what}`);
  }
}

const OTHER_TRADING_DAYS =
  'its bars were built with another close rule, other weekdays or other holidays; run all builders to rebuild everything';

const NOTHING_ELSE = {
  changedFromTs: null,
  mayBeStored: true,
  resetStampMs: null,
  bars: new Map<never, never>(),
  emas: new Map<never, never>(),
};

/** The daily bars of the context's asset as they are stored. */
export async function dailyFacts(context: ItemContext): Promise<DailyBarsFacts> {
  const [daily, revisions] = await Promise.all([context.dailyState(), context.revisions()]);
  return {
    daily,
    tradingDays: tradingDaysText(await context.tradingDays()),
    revisions,
    hasSource: daily !== null || (await context.lacksDailyBars()),
    rows: context.run.emaDays === undefined ? undefined : await context.dailyRows(),
  };
}

function tablePlan(planned: readonly PlannedStep[], timeframes: readonly Timeframe[]): TablePlan {
  const steps = new Map(planned.map((step) => [step.timeframe, step]));
  const whole = steps.get(null)?.action;
  return {
    work: inKeyOrder(timeframes).flatMap((timeframe) => {
      const { action, inputs } = steps.get(timeframe.tf) ?? {};
      return action !== undefined && isWrite(action) ? [{ timeframe, action, inputs }] : [];
    }),
    strays: planned.flatMap(({ timeframe, action }) => (action.kind === 'forget' ? [timeframe as string] : [])),
    isCleared: whole?.kind === 'clear',
    blockedBy: whole?.kind === 'blocked' ? whole.reason : null,
  };
}

function isWrite(action: Action): action is WriteAction {
  return action.kind === 'append' || action.kind === 'rewind' || action.kind === 'rebuild';
}
