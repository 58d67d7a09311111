import { inKeyOrder, tradingDaysText, type BarFamily, type Timeframe } from '@ta/bars-core/engine';
import type { BarStamp, BarStateRow, StateGroup } from '@ta/state-store';
import { emaSourcesOf, REFRESHERS, timeframesOfEmas, type EmaSource } from '../components.ts';
import type { ItemContext } from '../item-context.ts';
import type { Action, Reason } from '../plan/action.ts';
import { whatIsUntrue, type AssetFacts, type DailyBarsFacts } from '../plan/asset-facts.ts';
import type { PlanOrder } from '../plan/plan-order.ts';
import { planAsset, type DailyOutcome, type PlannedStep } from '../plan/plan-asset.ts';
import { paramsHashesByTf, specsByTf } from '../plan/state-marks.ts';
import { InputBehind, noRows } from '../run-report.ts';
import type { StepResult } from './step-result.ts';

/** What is written in a timeframe. */
export type WriteAction = Extract<Action, { readonly kind: 'rewind' }> | (Action & { kind: 'append' | 'rebuild' });

/** What a step does to the table of an item. */
export interface TablePlan {
  /** Timeframes with rows or a state to write, in the order of the tables' keys. */
  readonly work: readonly (Pick<PlannedStep, 'inputs'> & {
    readonly timeframe: Timeframe;
    readonly action: WriteAction;
  })[];
  /** Labels of states that nobody would read again. */
  readonly strays: readonly string[];
  /** There are no daily bars: what is stored of the table goes. */
  readonly isCleared: boolean;
  /** Why nothing may be done; null when something may. */
  readonly blockedBy: Reason | null;
}

/** The plan of one bar family, from the states as they are in the item's transaction. The 1D step is done, or not part of the run. */
export async function planBarItem(context: ItemContext, family: BarFamily): Promise<TablePlan> {
  const { id, run } = context;
  const daily = await dailyFacts(context);
  const done: DailyOutcome = {
    ...daily,
    action: { kind: 'noop', reason: 'in_step' },
    counts: { written: 0, deleted: 0 },
  };
  const bars = new Map([[family, await barGroups(context, family)]]);
  const builders = ['1d', family] as const;
  const order = { components: ['bars'] as const, builders, refreshers: [], settings: run };
  return tablePlan(
    planAsset({ id, ...daily, ...NOTHING_ELSE, bars }, order, done).filter(({ step }) => step === family),
    run.timeframes[family],
  );
}

/** The plan of one EMA table, likewise. @param resetStampMs stamp of the id's `cmc_ema_refresh_state` row */
export async function planEmaItem(context: ItemContext, source: EmaSource, resetStampMs: number): Promise<TablePlan> {
  const { id, run } = context;
  const daily = await dailyFacts(context);
  const bars =
    source.bars === null || daily.daily === null
      ? NOTHING_ELSE.bars
      : new Map([[source.bars, (await context.barStamps(source.bars)).map(groupOf)]]);
  const emas = new Map([[source.table, await emaGroups(context, source)]]);
  const emaTables = new Set([source.table]);
  const order = { components: ['emas'] as const, builders: [], refreshers: REFRESHERS, emaTables, settings: run };
  const facts = { id, ...daily, ...NOTHING_ELSE, bars, emas, resetStampMs };
  return tablePlan(planAsset(facts, order), timeframesOfEmas(run, source));
}

/** The facts of an asset with the states of the bars of an order as the items read them: each by itself, and in full. */
export async function withBarsInFull(context: ItemContext, facts: AssetFacts, order: PlanOrder): Promise<AssetFacts> {
  const bars = new Map(facts.bars);
  for (const family of facts.bars.keys()) {
    if (order.builders.includes(family)) bars.set(family, await barGroups(context, family));
  }
  return { ...facts, bars };
}

/** The facts with the states of the EMAs of an order, likewise. */
export async function withEmasInFull(context: ItemContext, facts: AssetFacts, order: PlanOrder): Promise<AssetFacts> {
  const emas = new Map(facts.emas);
  for (const source of emaSourcesOf(order)) {
    if (facts.emas.has(source.table)) emas.set(source.table, await emaGroups(context, source));
  }
  return { ...facts, emas };
}

async function barGroups(context: ItemContext, family: BarFamily): Promise<StateGroup[]> {
  const specs = specsByTf(context.run.timeframes[family]);
  return (await context.barStates(family)).map((state) => ({
    ...groupOf(state),
    zone: state.zone,
    isAsSpecified: state.spec === specs.get(state.tf),
  }));
}

async function emaGroups(context: ItemContext, source: EmaSource): Promise<StateGroup[]> {
  const { run } = context;
  const hashes = paramsHashesByTf(run, source);
  return (await context.emaStates(source.table)).map((state) => ({
    ...groupOf({
      ...state,
      builtAtMs: state.barsBuiltAtMs,
      sourceBuiltAtMs: state.dailyBuiltAtMs,
      dailyMaxTs: state.lastTs,
    }),
    resetStampMs: state.resetStampMs,
    isAsSpecified: state.paramsHash === hashes.get(state.tf) && state.periods.join() === run.periods.join(),
  }));
}

/** First instant whose rows are written again, −∞ for all; null where rows only follow. Rows may be there without a state. */
export function replayedFrom({ action }: { readonly action: WriteAction }): number | null {
  return action.kind === 'append' ? null : action.kind === 'rewind' ? action.fromTsMs : -Infinity;
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
 * The result of a step that may do nothing: its input is behind.
 *
 * @param what the table, and what its input lacks
 * @throws IncompleteState where the state of the daily bars is why
 */
export async function blockedResult(context: ItemContext, reason: Reason, what: string): Promise<StepResult> {
  const daily = await context.dailyState();
  if (reason === 'untrue_state' && daily !== null) throw new IncompleteState(context.id, whatIsUntrue(daily) ?? '');
  const why = reason === 'trading_days_changed' ? OTHER_TRADING_DAYS : what;
  return { status: 'derived_behind', rows: noRows(), notices: [], error: new InputBehind(context.id, why) };
}

/** The state of the daily bars that a step reads does not say how they were built, and the 1D step is not part of the run. */
class IncompleteState extends Error {
  override readonly name = 'IncompleteState';
  readonly code = 'PIPELINE_UNTRUE_STATE';
  readonly hint = 'Run all builders: the daily bars and everything derived from them are rebuilt.';

  constructor(id: number, what: string) {
    super(`id ${id}: cmc_price_bars_1d_state does not name ${what}`);
  }
}

const OTHER_TRADING_DAYS =
  'its bars were built by another close rule, other weekdays or other holidays; run all builders, and everything is rebuilt';

const NOTHING_ELSE = {
  changedFromTs: null,
  mayBeStored: true,
  resetStampMs: null,
  bars: new Map<never, never>(),
  emas: new Map<never, never>(),
};

async function dailyFacts(context: ItemContext): Promise<DailyBarsFacts> {
  const [daily, tradingDays] = [await context.dailyState(), tradingDaysText(await context.tradingDays())];
  if (daily === null) return { daily, tradingDays, revisions: [], hasSource: await context.lacksDailyBars() };
  const rows = context.run.emaDays === undefined ? undefined : await context.dailyRows();
  return { daily, tradingDays, revisions: await context.revisions(), hasSource: true, rows };
}

function groupOf(state: BarStamp | BarStateRow): StateGroup {
  return {
    tfs: [state.tf],
    isAsSpecified: true,
    isEdited: state.isEdited === true,
    zone: '',
    dailyBuiltAtMs: state.sourceBuiltAtMs,
    dailyRevision: state.sourceRevision,
    lastTs: state.dailyMaxTs,
    barsBuiltAtMs: state.builtAtMs,
    resetStampMs: Number.NaN,
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
