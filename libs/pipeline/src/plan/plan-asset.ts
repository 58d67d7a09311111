import {
  BAR_FAMILIES,
  civilDayOfInstant,
  matchesZone,
  ONE_DAY_MS,
  openingOfCivilDay,
  type BarFamily,
} from '@ta/bars-core/engine';
import type { StateGroup } from '@ta/state-store';
import { BUILDERS, emaSourcesOf, REFRESHERS, timeframesOfEmas, type Component, type EmaSource } from '../components.ts';
import type { Step } from '../run-report.ts';
import type { RunSettings } from '../run-settings.ts';
import type { Action, Reason } from './action.ts';
import { whatIsUntrue, type AssetFacts, type DailyBarsFacts } from './asset-facts.ts';
import { emaReach } from './ema-reach.ts';
import type { PlanOrder } from './plan-order.ts';
import { earliestChange, rebuildOrAppend, type Inputs } from './rebuild-or-append.ts';

/** What is done with one timeframe of one table in a step. */
export interface PlannedStep {
  readonly component: Component;
  readonly step: Step;
  /** The table: `1d`, a bar family, or an EMA table. */
  readonly table: string;
  /** Label of the timeframe; null where the action is one for the whole table. */
  readonly timeframe: string | null;
  readonly action: Action;
  /** Of EMAs: the last daily row that is included, and the stamp of the bars they read; epoch ms. */
  readonly inputs?: { readonly lastTs: number; readonly barsBuiltAtMs: number };
  /** Rows that it writes and deletes; known of a 1D step once the source was looked at. */
  readonly rows?: { readonly written: number; readonly deleted: number };
}

/** What the 1D step comes to, once the source was looked at. */
export interface DailyOutcome extends DailyBarsFacts {
  readonly action: Action;
  /** Daily bars that it writes and deletes. */
  readonly counts: { readonly written: number; readonly deleted: number };
}

/** Steps, and the facts as they leave them. */
interface Planned {
  readonly steps: readonly PlannedStep[];
  readonly after: AssetFacts;
}

/**
 * What there is to do for one asset, step by step: the one place where that is decided. Pure; the run executes it, a dry run shows
 * it, and whoever asks whether something is in step looks at it.
 *
 * @param outcome what the 1D step comes to; without, the later steps are judged by the daily bars as they are stored
 */
export function planAsset(facts: AssetFacts, order: PlanOrder, outcome?: DailyOutcome): PlannedStep[] {
  const bars = order.components.includes('bars')
    ? unlessFinished('bars', facts.id, order, (isForced) => planBars(facts, order, isForced, outcome))
    : { steps: [], after: facts };
  if (!order.components.includes('emas')) return [...bars.steps];
  const emas = unlessFinished('emas', facts.id, order, (isForced) => planEmas(bars.after, order, isForced));
  return [...bars.steps, ...emas.steps];
}

/** Whether the step changes nothing, and everything is up to date. */
export function isNoop({ action }: PlannedStep): boolean {
  return action.kind === 'noop';
}

/** Work that is forced is not forced again where the run that is resumed has finished it, unless there is other work. */
function unlessFinished(
  component: Component,
  id: number,
  { settings, finished }: PlanOrder,
  plan: (isForced: boolean) => Planned,
): Planned {
  if (finished?.[component]?.has(id) !== true || !isForcedBy(settings, component)) return plan(true);
  const due = plan(false);
  return due.steps.every(isNoop) ? due : plan(true);
}

function isForcedBy({ fullRebuild, emaDays }: RunSettings, component: Component): boolean {
  return fullRebuild || (component === 'emas' && emaDays?.firstDay !== undefined);
}

function planBars(facts: AssetFacts, order: PlanOrder, isForced: boolean, outcome?: DailyOutcome): Planned {
  if (!facts.mayBeStored) return { steps: nothingAtAll(order), after: facts };
  const { settings } = order;
  const steps: PlannedStep[] = [];
  const hasDailyStep = order.builders.includes('1d');
  let after = facts;
  if (hasDailyStep) {
    const action = outcome?.action ?? planDaily(facts, settings, isForced);
    steps.push({ component: 'bars', step: '1d', table: '1d', timeframe: '1D', action, rows: outcome?.counts });
    after = { ...facts, ...outcome };
  }
  const bars = new Map(after.bars);
  const isStopped = outcome?.action.kind === 'blocked';
  for (const family of BAR_FAMILIES.filter((one) => order.builders.includes(one))) {
    const states = facts.bars.get(family) ?? [];
    const planned = isStopped
      ? wholeTable('blocked', 'earlier_step')
      : planFamily(after, family, settings, isForced && settings.fullRebuild, hasDailyStep || facts.bars.size > 0);
    steps.push(...planned.map((one) => ({ component: 'bars' as const, step: family, table: family, ...one })));
    bars.set(family, statesAfter(planned, states, after, settings.zone));
  }
  return { steps, after: { ...after, bars } };
}

/** An asset without source rows of which nothing is stored: there are as many of them as somebody likes to name. */
function nothingAtAll({ builders }: PlanOrder): PlannedStep[] {
  return BUILDERS.filter((builder) => builders.includes(builder)).map((step) => ({
    ...{ component: 'bars', step, table: step, timeframe: step === '1d' ? '1D' : null },
    action: { kind: 'noop', reason: step === '1d' ? 'no_source' : 'nothing_stored' },
  }));
}

type DailyPlanFact = 'daily' | 'changedFromTs' | 'hasSource' | 'tradingDays';

/**
 * What the 1D step does, judged by state and log: where it reads the source, `append` and `rewind` say what may come of it.
 */
export function planDaily(
  { daily, changedFromTs, hasSource, tradingDays }: Pick<AssetFacts, DailyPlanFact>,
  settings: RunSettings,
  isForced: boolean,
): Action {
  if (daily === null) return hasSource ? rebuild('no_state') : { kind: 'clear', reason: 'no_source' };
  if (whatIsUntrue(daily) !== null) return rebuild('untrue_state');
  if (isForced && settings.fullRebuild) return rebuild('requested');
  if (daily.zone !== settings.zone) return rebuild('zone_changed');
  if (daily.tradingDays !== tradingDays) return rebuild('trading_days_changed');
  if (!matchesZone(daily.dayRules as string, settings.zone)) {
    return { kind: 'rewind', reason: 'day_rules_changed', fromTsMs: -Infinity };
  }
  if (changedFromTs === null) return { kind: 'noop', reason: 'in_step' };
  if (daily.lastSourceTs === null) return rebuild('no_daily_bars');
  if (changedFromTs > daily.lastSourceTs) return { kind: 'append', reason: 'later_rows' };
  return { kind: 'rewind', reason: 'history_changed', fromTsMs: changedFromTs };
}

/** First instant of the source, epoch ms, that the 1D step reads: whole days, the last ones again. */
export function readAgainFrom(changedFromTs: number, lastSourceTs: number, settings: RunSettings): number {
  const ts = Math.min(changedFromTs, lastSourceTs - settings.lookbackDays * ONE_DAY_MS + 1);
  // rows of one day are judged together, because the latest of them is the day
  return openingOfCivilDay(settings.zone)(civilDayOfInstant(settings.zone)(ts));
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

function planEmas(facts: AssetFacts, order: PlanOrder, isForced: boolean): Planned {
  const hasAny = facts.emas.size > 0 || facts.resetStampMs !== null;
  const steps = REFRESHERS.filter((refresher) => order.refreshers.includes(refresher)).flatMap((step) =>
    emaSourcesOf({ ...order, refreshers: [step] }).flatMap((source) =>
      planEmaTable(facts, source, order.settings, isForced, hasAny).map(
        (one): PlannedStep => ({ component: 'emas', step, table: source.table, ...one }),
      ),
    ),
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

/** What is done where there are no daily bars to work on; null where there are. */
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
 * Stamp of the bars that EMAs of a timeframe read; null when they are not in step with the daily bars: EMAs on half-refreshed
 * bars are never intended (docs/operations.md#order).
 *
 * @param bars states of the bar table; null where daily bars are read
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

/** The timeframe whose bars are the daily bars themselves. */
const DAILY = '1D';

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

/** States of a timeframe that is gone, or written by hand. Nobody would read them again. */
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

function rebuild(reason: Reason): Action {
  return { kind: 'rebuild', reason };
}

function wholeTable(kind: 'noop' | 'clear' | 'blocked', reason: Reason): PlannedTimeframe[] {
  return [{ timeframe: null, action: { kind, reason } }];
}
