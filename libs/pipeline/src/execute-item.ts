import {
  limitStatements,
  lockItem,
  resetEmaState,
  saveEmaWatermarks,
  StoreError,
  writeEmaRejects,
  writeEmaStates,
  type Database,
  type EmaStateRow,
  type EmaTable,
  type Session,
} from '@ta/state-store';
import {
  BUILDERS,
  emaSourcesOf,
  REFRESHERS,
  type Builder,
  type Component,
  type EmaSource,
  type Refresher,
} from './components.ts';
import { itemContext, type ItemContext, type ItemMeans } from './item-context.ts';
import { refreshBarFamily } from './items/bar-family-item.ts';
import { refreshDaily } from './items/daily-item.ts';
import { refreshEmaTable } from './items/ema-item.ts';
import { NonFiniteEma } from './items/ema-rows.ts';
import type { StepResult } from './items/step-result.ts';
import type { PlanRequest } from './plan/plan-request.ts';
import { isConflict, isDatabaseLost, isLockLost, isServerFull } from './reconnect.ts';
import { addRows, isUndone, noRows, type ItemOutcome, type Step } from './run-report.ts';

/** What the items of one component have in common: all that is needed to execute one in any process. */
export interface ComponentRequest extends Omit<PlanRequest, 'components' | 'finished'> {
  readonly component: Component;
  readonly continueOnError: boolean;
}

/** Conditions for the execution of one item. */
export interface ItemConditions extends ItemMeans {
  /** Clock for durations, milliseconds. */
  readonly monotonicMs: () => number;
  /** The deadline on that clock; absent without a time limit. */
  readonly deadlineMs?: number;
  /** Called first in the transaction; if it throws, the item is not executed. */
  readonly claim?: (tx: Session) => Promise<void>;
  /** Called last before the commit, in the transaction of the data; if it throws, everything is rolled back. */
  readonly settle?: (tx: Session, outcomes: readonly ItemOutcome[]) => Promise<void>;
}

/** The steps of a component, in execution order. */
export function stepsOf(request: Pick<ComponentRequest, 'component' | 'builders' | 'refreshers'>): Step[] {
  const { component, builders, refreshers } = request;
  return component === 'bars'
    ? BUILDERS.filter((builder) => builders.includes(builder))
    : REFRESHERS.filter((refresher) => refreshers.includes(refresher));
}

/**
 * Executes one (component, id) in one transaction, in which every step has a savepoint. When a step fails, only its
 * own rows are rolled back, and the error is in its outcome.
 *
 * Since the database hardly ever refuses a row, the statements of all steps are first sent together, in a few messages. If one of
 * them fails, everything is rolled back and repeated statement by statement, to find the step that failed.
 *
 * @throws the error when the whole transaction is lost; nothing of it is stored then
 */
export async function executeItem(
  database: Database,
  request: ComponentRequest,
  id: number,
  conditions: ItemConditions,
): Promise<ItemOutcome[]> {
  const startedAtMs = conditions.monotonicMs();
  try {
    return await executeSteps(database, request, id, { ...conditions, areTogether: true });
  } catch (error) {
    if (!isOfStep(error) || conditions.signal?.aborted === true) throw error;
    const outcomes = await executeSteps(database, request, id, { ...conditions, areTogether: false });
    // include the time of the first attempt
    return outcomes.map((outcome, i) => (i === 0 ? spentSince(outcome, startedAtMs) : outcome));
  }
}

/** Whether the failure concerns one step and not the whole transaction, so that sending the steps one by one can isolate it. */
function isOfStep(error: unknown): boolean {
  const isOfAll = [isDatabaseLost, isConflict, isLockLost, isServerFull].some((is) => is(error));
  return error instanceof StoreError && !isOfAll;
}

function spentSince(outcome: ItemOutcome, startedAtMs: number): ItemOutcome {
  return { ...outcome, startedAtMs, durationMs: outcome.durationMs + outcome.startedAtMs - startedAtMs };
}

async function executeSteps(
  database: Database,
  request: ComponentRequest,
  id: number,
  conditions: ItemConditions & { readonly areTogether: boolean },
): Promise<ItemOutcome[]> {
  const { component, continueOnError } = request;
  const { monotonicMs, signal, areTogether } = conditions;
  const outcomes: ItemOutcome[] = [];
  const work = async (tx: Session) => {
    await limitToDeadline(tx, conditions);
    await conditions.claim?.(tx);
    await lockItem(tx, id);
    const context = itemContext(tx, id, request.settings, conditions);
    const emaStates = new Map<EmaTable, readonly EmaStateRow[]>();
    for (const step of stepsOf(request)) {
      // an embedded database never yields: without this turn of the event loop a signal would be handled only after the run
      await new Promise((resolve) => setImmediate(resolve));
      // a failure of 1D always ends the id, since everything depends on it
      const isOver = outcomes.some((done) => done.status === 'failed' && (!continueOnError || done.step === '1d'));
      outcomes.push(
        isOver || signal?.aborted === true
          ? notRun(component, step, id, monotonicMs())
          : await runStep(context, { ...request, step, areTogether }, emaStates, monotonicMs),
      );
    }
    await writeEmaStates(tx, id, emaStates);
    if (component === 'emas') await saveEmaWatermarks(tx, id);
    await conditions.settle?.(tx, outcomes);
  };
  await database.transaction(work, { joins: areTogether });
  return outcomes;
}

/** Outcomes of an item whose whole transaction was lost, by `error` or, when that is null, by an interruption. */
export function lostItem(request: ComponentRequest, id: number, error: unknown, nowMs: number): ItemOutcome[] {
  return stepsOf(request).map((step, i) => ({
    ...notRun(request.component, step, id, nowMs),
    ...(i === 0 && error !== null ? { status: 'failed' as const, error } : {}),
  }));
}

/** Outcomes of an item without work: everything is up to date, or the asset has no data at all. */
export function untouched(
  request: ComponentRequest,
  id: number,
  why: 'none' | 'no_source',
  nowMs: number,
): ItemOutcome[] {
  return lostItem(request, id, null, nowMs).map((outcome) => ({
    ...outcome,
    status: why === 'no_source' && outcome.step === '1d' ? 'no_source' : 'noop',
  }));
}

function notRun(component: Component, step: Step, id: number, nowMs: number): ItemOutcome {
  return { component, step, id, status: 'skipped', rows: noRows(), startedAtMs: nowMs, durationMs: 0, notices: [] };
}

/** The server's limit ends a second after the deadline, so that normally the signal stops a step first. */
const STATEMENT_GRACE_MS = 1_000;

/** Lets the server cancel a statement that is still running after the time limit. */
async function limitToDeadline(tx: Session, { deadlineMs, monotonicMs }: ItemConditions): Promise<void> {
  if (deadlineMs === undefined) return;
  await limitStatements(tx, Math.max(1, Math.ceil(deadlineMs - monotonicMs())) + STATEMENT_GRACE_MS);
}

/** A step of a component. */
interface OneStep extends ComponentRequest {
  readonly step: Step;
  /** Whether statements of several steps are sent together, so that an error may belong to an earlier step. */
  readonly areTogether: boolean;
}

/** @param emaStates gets the EMA states of a step that succeeded */
async function runStep(
  context: ItemContext,
  request: OneStep,
  emaStates: Map<EmaTable, readonly EmaStateRow[]>,
  monotonicMs: () => number,
): Promise<ItemOutcome> {
  const { component, step, areTogether } = request;
  const startedAtMs = monotonicMs();
  const common = { component, step, id: context.id, startedAtMs };
  try {
    const { emaStates: written, ...result } = await context.tx.savepoint(() => workOf(context, request, step));
    for (const [table, rows] of written ?? []) emaStates.set(table, rows);
    return { ...common, ...result, durationMs: monotonicMs() - startedAtMs };
  } catch (error) {
    // the caller then repeats the whole item
    if (isDatabaseLost(error) || isConflict(error)) throw error;
    if (context.signal?.aborted === true) return notRun(component, step, context.id, startedAtMs);
    if (areTogether && error instanceof StoreError) throw error;
    context.forget();
    if (error instanceof NonFiniteEma) {
      // its reject is recorded although the rows of its table were rolled back (docs/emas.md#checks-of-values)
      const { id, run } = context;
      await writeEmaRejects(context.tx, { table: error.table, id, runId: run.runId }, [error.found]);
    }
    return { ...common, status: 'failed', rows: noRows(), durationMs: monotonicMs() - startedAtMs, notices: [], error };
  }
}

function workOf(context: ItemContext, request: ComponentRequest, step: Step): Promise<StepResult> {
  if (request.component === 'emas') {
    return refreshEmas(context, emaSourcesOf({ ...request, refreshers: [step as Refresher] }));
  }
  return step === '1d' ? refreshDaily(context) : refreshBarFamily(context, step as Exclude<Builder, '1d'>);
}

/** All tables of one refresher; an id without daily bars state has no EMA state either. */
async function refreshEmas(context: ItemContext, sources: readonly EmaSource[]): Promise<StepResult> {
  const { tx, id } = context;
  await context.lookAtEmas();
  const stampMs = (await context.dailyState()) === null ? Number.NaN : await context.refreshStamp();
  const results: StepResult[] = [];
  for (const source of sources) results.push(await refreshEmaTable(context, source, stampMs));
  if (Number.isNaN(stampMs)) await resetEmaState(tx, [id]);
  return joined(results);
}

function joined(results: readonly StepResult[]): StepResult {
  const rows = noRows();
  for (const result of results) addRows(rows, result.rows);
  const undone = results.find((result) => isUndone(result.status));
  const { status } = undone ?? results.find((result) => result.status !== 'noop') ?? { status: 'noop' as const };
  const emaStates = new Map(results.flatMap((result) => [...(result.emaStates ?? [])]));
  return { status, rows, notices: results.flatMap((result) => result.notices), emaStates, error: undone?.error };
}
