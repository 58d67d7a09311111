import { tradingDaysText, type BarFamily, type Timeframe } from '@ta/bars-core/engine';
import type { BarStamp, BarStateRow, EmaStateRow, StateGroup } from '@ta/state-store';
import { REFRESHERS, timeframesOfEmas, type EmaSource } from '../components.ts';
import type { ItemContext } from '../item-context.ts';
import type { Action, Reason } from '../plan/action.ts';
import { whatIsUntrue, type DailyBarsFacts } from '../plan/asset-facts.ts';
import { emaReach } from '../plan/ema-reach.ts';
import { planAsset, type DailyOutcome, type PlannedStep } from '../plan/plan-asset.ts';
import { paramsHashesByTf, specsByTf } from '../plan/state-marks.ts';
import { InputBehind, noRows } from '../run-report.ts';
import { UntrueState, type StepResult } from './daily-item.ts';

/** What is written in a timeframe. */
export type WriteAction = Extract<Action, { readonly kind: 'rewind' }> | (Action & { kind: 'append' | 'rebuild' });

/** What a step does to the table of an item. */
export interface TablePlan {
  /** Timeframes with rows or a state to write, in the order their labels have in the tables' keys (bytewise; labels are ASCII). */
  readonly work: readonly { readonly timeframe: Timeframe; readonly action: WriteAction }[];
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
  const timeframes = run.timeframes[family];
  const specs = specsByTf(timeframes);
  const states = (await context.barStates(family)).map((state) => ({
    ...groupOf(state),
    zone: state.zone,
    isAsSpecified: state.spec === specs.get(state.tf),
  }));
  const facts = {
    id,
    ...daily,
    changedFromTs: null,
    mayBeStored: true,
    emas: NONE,
    resetStampMs: null,
    bars: new Map([[family, states]]),
  };
  const done: DailyOutcome = {
    ...daily,
    action: { kind: 'noop', reason: 'in_step' },
    counts: { written: 0, deleted: 0 },
  };
  const builders = ['1d', family] as const;
  const order = { components: ['bars'] as const, builders, refreshers: [], settings: run };
  return tablePlan(
    planAsset(facts, order, done).filter(({ step }) => step === family),
    timeframes,
  );
}

/** What a step does to an EMA table. */
export interface EmaTablePlan extends TablePlan {
  /** Last daily row that is taken in, epoch ms. */
  readonly lastTs: number;
  /** Stamp of the bars that EMAs of a timeframe read. */
  readonly barsBuiltAtMs: (tf: string) => number;
}

/** The plan of one EMA table, likewise. @param resetStampMs stamp of the id's `cmc_ema_refresh_state` row */
export async function planEmaItem(
  context: ItemContext,
  source: EmaSource,
  resetStampMs: number,
): Promise<EmaTablePlan> {
  const { id, run } = context;
  const timeframes = timeframesOfEmas(run, source);
  const hashes = paramsHashesByTf(run, source);
  const isAsSpecified = ({ tf, paramsHash, periods }: EmaStateRow) =>
    paramsHash === hashes.get(tf) && periods.join() === run.periods.join();
  const states = (await context.emaStates(source.table)).map((state) => ({
    ...groupOf({
      ...state,
      builtAtMs: state.barsBuiltAtMs,
      sourceBuiltAtMs: state.dailyBuiltAtMs,
      dailyMaxTs: state.lastTs,
    }),
    resetStampMs: state.resetStampMs,
    isAsSpecified: isAsSpecified(state),
  }));
  const daily = await dailyFacts(context);
  const bars = source.bars === null || daily.daily === null ? [] : (await context.barStamps(source.bars)).map(groupOf);
  const facts = {
    ...{ id, ...daily, changedFromTs: null, mayBeStored: true, resetStampMs },
    bars: new Map(source.bars === null ? [] : [[source.bars, bars]]),
    emas: new Map([[source.table, states]]),
  };
  const emaTables = new Set([source.table]);
  const order = { components: ['emas'] as const, builders: [], refreshers: REFRESHERS, emaTables, settings: run };
  const storedTs = run.fullRebuild ? [] : states.map(({ lastTs }) => lastTs);
  const reach = emaReach(run.emaDays, daily.daily?.lastSourceTs ?? Number.NaN, storedTs, daily.rows);
  const builtAt = new Map(bars.map(({ tfs, barsBuiltAtMs }) => [tfs[0], barsBuiltAtMs]));
  return {
    ...tablePlan(planAsset(facts, order), timeframes),
    lastTs: reach?.lastTs ?? Number.NaN,
    barsBuiltAtMs: (tf) => (tf === '1D' ? undefined : builtAt.get(tf)) ?? daily.daily?.fullBuiltAtMs ?? Number.NaN,
  };
}

/**
 * The result of a step that may do nothing: its input is behind.
 *
 * @param what the table, and what its input lacks
 * @throws UntrueState
 */
export async function blockedResult(context: ItemContext, reason: Reason, what: string): Promise<StepResult> {
  const daily = await context.dailyState();
  if (reason === 'untrue_state' && daily !== null) throw new UntrueState(context.id, whatIsUntrue(daily) ?? '');
  const why = reason === 'trading_days_changed' ? OTHER_TRADING_DAYS : what;
  return { status: 'derived_behind', rows: noRows(), notices: [], error: new InputBehind(context.id, why) };
}

const OTHER_TRADING_DAYS =
  'its bars were built by another close rule, other weekdays or other holidays; run all builders, and everything is built again';

const NONE: ReadonlyMap<never, never> = new Map<never, never>();

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
    zone: '',
    dailyBuiltAtMs: state.sourceBuiltAtMs,
    dailyRevision: state.sourceRevision,
    lastTs: state.dailyMaxTs,
    barsBuiltAtMs: state.builtAtMs,
    resetStampMs: Number.NaN,
  };
}

function tablePlan(planned: readonly PlannedStep[], timeframes: readonly Timeframe[]): TablePlan {
  const actions = new Map(planned.map(({ timeframe, action }) => [timeframe, action]));
  const whole = actions.get(null);
  return {
    work: [...timeframes]
      .sort((a, b) => (a.tf < b.tf ? -1 : a.tf > b.tf ? 1 : 0))
      .flatMap((timeframe) => {
        const action = actions.get(timeframe.tf);
        return action !== undefined && isWrite(action) ? [{ timeframe, action }] : [];
      }),
    strays: planned.flatMap(({ timeframe, action }) => (action.kind === 'forget' ? [timeframe as string] : [])),
    isCleared: whole?.kind === 'clear',
    blockedBy: whole?.kind === 'blocked' ? whole.reason : null,
  };
}

function isWrite(action: Action): action is WriteAction {
  return action.kind === 'append' || action.kind === 'rewind' || action.kind === 'rebuild';
}
