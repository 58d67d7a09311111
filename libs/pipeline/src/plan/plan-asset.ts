import { BAR_FAMILIES, type BarFamily } from '@ta/bars-core/engine';
import type { StateGroup } from '@ta/state-store';
import { BUILDERS, DAILY, emaSourcesOf, timeframesOfEmas, type Component, type EmaSource } from '../components.ts';
import type { Step } from '../run-report.ts';
import type { RunSettings } from '../run-settings.ts';
import type { Action, Reason } from './action.ts';
import { whatIsUntrue, type AssetFacts, type DailyBarsFacts } from './asset-facts.ts';
import { emaReach } from './ema-reach.ts';
import { planDaily } from './plan-daily.ts';
import type { PlanRequest } from './plan-request.ts';
import { earliestChange, rebuildOrAppend, type Inputs } from './rebuild-or-append.ts';

/** What is done with one timeframe of one table in a step. */
export interface PlannedStep {
  readonly component: Component;
  readonly step: Step;
  /** The table: `1d`, a bar family, or an EMA table. */
  readonly table: string;
  /** Label of the timeframe; null if the action applies to the whole table. */
  readonly timeframe: string | null;
  readonly action: Action;
  /** For EMAs: the last daily row that is included, and the stamp of the bars that they read; epoch ms. */
  readonly inputs?: { readonly lastTs: number; readonly barsBuiltAtMs: number };
  /** Rows that the step writes and deletes; only known for a 1D step after the source was read. */
  readonly rows?: { readonly written: number; readonly deleted: number };
}

/** The outcome of the 1D step, known after the source was read. */
export interface DailyOutcome extends DailyBarsFacts {
  readonly action: Action;
  /** Daily bars that the step writes and deletes. */
  readonly counts: { readonly written: number; readonly deleted: number };
}

/** Planned steps, and the facts after them. */
interface Planned {
  readonly steps: readonly PlannedStep[];
  readonly after: AssetFacts;
}

/**
 * Decides what has to be done for one asset, step by step. This is the only place where that is decided: a run executes the
 * result, a dry run shows it, and everything that checks whether something is up to date reads it. Pure.
 *
 * @param outcome the outcome of the 1D step; if absent, the later steps are planned from the stored daily bars
 */
export function planAsset(facts: AssetFacts, request: PlanRequest, outcome?: DailyOutcome): PlannedStep[] {
  const bars = request.components.includes('bars')
    ? unlessFinished('bars', facts.id, request, (isForced) => planBars(facts, request, isForced, outcome))
    : { steps: [], after: facts };
  if (!request.components.includes('emas')) return [...bars.steps];
  const emas = unlessFinished('emas', facts.id, request, (isForced) => planEmas(bars.after, request, isForced));
  return [...bars.steps, ...emas.steps];
}

/** Whether the step changes nothing, and everything is up to date. */
export function isNoop({ action }: PlannedStep): boolean {
  return action.kind === 'noop';
}

/**
 * Whether the steps of EMAs only delete rows, because the asset has neither daily bars nor source rows; this needs no fresh bars.
 */
export function areEmasOnlyCleared(steps: readonly PlannedStep[]): boolean {
  const emas = steps.filter(({ component }) => component === 'emas');
  return (
    emas.some(({ action }) => action.kind === 'clear') &&
    emas.every((step) => step.action.kind === 'clear' || isNoop(step))
  );
}

/** Plans a component without forcing work that the resumed run has already finished, unless there is other work to do. */
function unlessFinished(
  component: Component,
  id: number,
  { settings, finished }: PlanRequest,
  plan: (isForced: boolean) => Planned,
): Planned {
  if (finished?.[component]?.has(id) !== true || !isForcedBy(settings, component)) return plan(true);
  const due = plan(false);
  return due.steps.every(isNoop) ? due : plan(true);
}

function isForcedBy({ fullRebuild, emaDays }: RunSettings, component: Component): boolean {
  return fullRebuild || (component === 'emas' && emaDays?.firstDay !== undefined);
}

function planBars(facts: AssetFacts, request: PlanRequest, isForced: boolean, outcome?: DailyOutcome): Planned {
  if (!facts.mayBeStored) return { steps: nothingAtAll(request), after: facts };
  const { settings } = request;
  const steps: PlannedStep[] = [];
  const hasDailyStep = request.builders.includes('1d');
  let after = facts;
  if (hasDailyStep) {
    const action = outcome?.action ?? planDaily(facts, settings, isForced);
    steps.push({ component: 'bars', step: '1d', table: '1d', timeframe: DAILY, action, rows: outcome?.counts });
    after = { ...facts, ...outcome };
  }
  const bars = new Map(after.bars);
  const isStopped = outcome?.action.kind === 'blocked';
  for (const family of BAR_FAMILIES.filter((one) => request.builders.includes(one))) {
    const states = facts.bars.get(family) ?? [];
    const planned = isStopped
      ? wholeTable('blocked', 'earlier_step')
      : planFamily(after, family, settings, isForced && settings.fullRebuild, hasDailyStep || facts.bars.size > 0);
    steps.push(...planned.map((one) => ({ component: 'bars' as const, step: family, table: family, ...one })));
    bars.set(family, statesAfter(planned, states, after, settings.zone));
  }
  return { steps, after: { ...after, bars } };
}

/** The plan of an asset that has neither source rows nor stored rows; a request may name any number of such ids. */
function nothingAtAll({ builders }: PlanRequest): PlannedStep[] {
  return BUILDERS.filter((builder) => builders.includes(builder)).map((step) => ({
    ...{ component: 'bars', step, table: step, timeframe: step === '1d' ? DAILY : null },
    action: { kind: 'noop', reason: step === '1d' ? 'no_source' : 'nothing_stored' },
  }));
}

type PlannedTimeframe = Pick<PlannedStep, 'timeframe' | 'action' | 'inputs'>;

function planFamily(
  facts: AssetFacts,
  family: BarFamily,
  settings: RunSettings,
  isForced: boolean,
  isClearedWithoutBars: boolean,
): PlannedTimeframe[] {
  const states = facts.bars.get(family) ?? [];
  const timeframes = settings.timeframes[family];
  const { daily } = facts;
  const nothing = withoutDailyBars(facts, states, isClearedWithoutBars);
  if (nothing !== null || daily === null) return nothing ?? [];
  const inputs = { ...inputsOf(facts), zone: settings.zone, lastTs: daily.lastSourceTs as number, isForced };
  return [
    ...strays(states, timeframes),
    ...timeframes.map(({ tf }) => {
      const state = stateOf(states, tf);
      return { timeframe: tf, action: rebuildOrAppend(state, { ...inputs, ...changesSince(facts, state, null) }) };
    }),
  ];
}

function planEmas(facts: AssetFacts, request: PlanRequest, isForced: boolean): Planned {
  // rows may be stored although all of their states were deleted
  const hasAny = facts.emas.size > 0 || facts.resetStampMs !== null || (facts.mayBeStored && !facts.hasSource);
  const steps = emaSourcesOf(request).flatMap((source) =>
    planEmaTable(facts, source, request.settings, isForced, hasAny).map((one): PlannedStep => ({
      component: 'emas',
      step: source.refresher,
      table: source.table,
      ...one,
    })),
  );
  return { steps, after: facts };
}

function planEmaTable(
  facts: AssetFacts,
  source: EmaSource,
  settings: RunSettings,
  isForced: boolean,
  isClearedWithoutBars: boolean,
): PlannedTimeframe[] {
  const { daily } = facts;
  const states = facts.emas.get(source.table) ?? [];
  const nothing = withoutDailyBars(facts, states, isClearedWithoutBars);
  if (nothing !== null || daily === null) return nothing ?? [];
  const timeframes = timeframesOfEmas(settings, source);
  const left = strays(states, timeframes);
  const bars = source.bars === null ? null : (facts.bars.get(source.bars) ?? []);
  const builtAt = timeframes.map(({ tf }) => barsBuiltAt(tf, bars, facts));
  if (builtAt.includes(null)) return [...left, ...wholeTable('blocked', 'bars_behind')];

  const again = isForced ? settings.emaDays : { lastDay: settings.emaDays?.lastDay };
  const isRebuilt = isForced && settings.fullRebuild;
  const storedTs = isRebuilt ? [] : states.map(({ lastTs }) => lastTs);
  const reach = emaReach(again, daily.lastSourceTs as number, storedTs, facts.rows);
  if (reach === null) return [...left, ...wholeTable('noop', 'out_of_reach')];
  const resetStampMs = facts.resetStampMs ?? Number.NaN;
  const inputs = { ...inputsOf(facts), resetStampMs, isForced: isRebuilt };
  return [
    ...left,
    ...timeframes.map(({ tf }, i) => {
      const state = stateOf(states, tf);
      const own = { lastTs: reach.lastTs, barsBuiltAtMs: builtAt[i] as number };
      const changes = changesSince(facts, state, reach.againFromTs);
      return { timeframe: tf, action: rebuildOrAppend(state, { ...inputs, ...own, ...changes }), inputs: own };
    }),
  ];
}

/** The action when there are no daily bars to work on; null when there are. */
function withoutDailyBars(
  { daily, hasSource, tradingDays }: AssetFacts,
  states: readonly StateGroup[],
  isCleared: boolean,
): PlannedTimeframe[] | null {
  if (daily !== null && whatIsUntrue(daily) !== null) return wholeTable('blocked', 'untrue_state');
  if (daily !== null && daily.tradingDays !== tradingDays) return wholeTable('blocked', 'trading_days_changed');
  if (daily !== null && daily.lastSourceTs !== null) return null;
  if (daily === null && hasSource) return wholeTable('blocked', 'no_daily_bars');
  if (!isCleared && daily === null) return wholeTable('noop', 'nothing_stored');
  return wholeTable('clear', states.length > 0 ? 'no_daily_bars' : 'nothing_stored');
}

/**
 * Stamp of the bars that the EMAs of a timeframe read; null when these are not up to date with the daily bars, since EMAs must
 * never be computed from half-refreshed bars (docs/operations.md#order).
 *
 * @param bars states of the bar table; null if the EMAs read daily bars
 */
function barsBuiltAt(tf: string, bars: readonly StateGroup[] | null, { daily }: AssetFacts): number | null {
  const { fullBuiltAtMs, revision, lastSourceTs } = daily as NonNullable<typeof daily>;
  if (bars === null || tf === DAILY) return fullBuiltAtMs;
  const state = stateOf(bars, tf);
  const isInStep =
    state !== undefined &&
    !state.isEdited &&
    Object.is(state.dailyBuiltAtMs, fullBuiltAtMs) &&
    state.dailyRevision === revision &&
    state.lastTs === lastSourceTs;
  return isInStep ? state.barsBuiltAtMs : null;
}

function inputsOf({ daily }: AssetFacts): Pick<Inputs, 'dailyBuiltAtMs' | 'dailyRevision' | 'firstTs'> {
  const { fullBuiltAtMs, revision, firstBarTs } = daily as NonNullable<typeof daily>;
  return { dailyBuiltAtMs: fullBuiltAtMs, dailyRevision: revision, firstTs: firstBarTs };
}

function changesSince(facts: AssetFacts, state: StateGroup | undefined, againFromTs: number | null) {
  const changed = earliestChange(facts.revisions, state?.dailyRevision ?? 0);
  const instants = [changed, againFromTs].filter((ts) => ts !== null);
  return { changedFromTs: instants.length === 0 ? null : Math.min(...instants) };
}

function stateOf(states: readonly StateGroup[], tf: string): StateGroup | undefined {
  return states.find(({ tfs }) => tfs.includes(tf));
}

/**
 * States of timeframes that this table does not build, because they were removed or the state was written by hand; no step reads
 * them.
 */
function strays(states: readonly StateGroup[], timeframes: readonly { readonly tf: string }[]): PlannedTimeframe[] {
  const known = new Set(timeframes.map(({ tf }) => tf));
  return states
    .flatMap(({ tfs }) => tfs)
    .filter((tf) => !known.has(tf))
    .map((timeframe) => ({ timeframe, action: { kind: 'forget', reason: 'no_timeframe' } }));
}

/** States of a bar family after its step. */
function statesAfter(
  planned: readonly PlannedTimeframe[],
  before: readonly StateGroup[],
  { daily }: AssetFacts,
  zone: string,
): readonly StateGroup[] {
  if (planned.every(({ action }) => action.kind === 'noop' || action.kind === 'blocked')) return before;
  if (daily === null || planned.some(({ action }) => action.kind === 'clear')) return [];
  return planned
    .filter(({ action }) => action.kind !== 'forget')
    .map(({ timeframe, action }) => ({
      tfs: [timeframe as string],
      isAsSpecified: true,
      isEdited: false,
      zone,
      dailyBuiltAtMs: daily.fullBuiltAtMs,
      dailyRevision: daily.revision,
      lastTs: daily.lastSourceTs as number,
      barsBuiltAtMs:
        action.kind === 'rebuild' ? Number.NaN : (stateOf(before, timeframe as string)?.barsBuiltAtMs ?? Number.NaN),
      resetStampMs: Number.NaN,
    }));
}

function wholeTable(kind: 'noop' | 'clear' | 'blocked', reason: Reason): PlannedTimeframe[] {
  return [{ timeframe: null, action: { kind, reason } }];
}
