import {
  lockItem,
  resetEmaState,
  saveEmaWatermarks,
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
import type { DailyRowsReader } from './daily-rows.ts';
import { itemContext, type ItemContext } from './item-context.ts';
import { refreshBarFamily } from './items/bar-family-item.ts';
import { refreshDaily } from './items/daily-item.ts';
import { refreshEmaTable } from './items/ema-item.ts';
import { NonFiniteEma } from './items/ema-rows.ts';
import type { StepResult } from './items/step-result.ts';
import type { PlanOrder } from './plan/plan-order.ts';
import { isConflict, isDatabaseLost } from './reconnect.ts';
import { addRows, isUndone, noRows, type ItemOutcome, type Step } from './run-report.ts';

/** What the items of one component have in common: all that must be known to execute one, wherever that is done. */
export interface ItemOrder extends Omit<PlanOrder, 'components' | 'finished'> {
  readonly component: Component;
  readonly continueOnError: boolean;
}

/** Under which conditions one item is executed. */
export interface ItemConditions {
  /** Clock for durations, milliseconds. */
  readonly monotonicMs: () => number;
  /** When the time is over, on that clock; absent without a limit. */
  readonly deadlineMs?: number;
  /** Ends the steps in flight. */
  readonly signal?: AbortSignal;
  /** Where daily rows come from, if not from the 1D bars. */
  readonly readRows?: DailyRowsReader;
  /** First thing in the transaction; throwing gives the item up. */
  readonly claim?: (tx: Session) => Promise<void>;
  /** Last thing before the commit, in the transaction of the data; throwing rolls everything back. */
  readonly settle?: (tx: Session, outcomes: readonly ItemOutcome[]) => Promise<void>;
}

/** The steps of a component, in execution order. */
export function stepsOf({ component, builders, refreshers }: Omit<ItemOrder, 'settings' | 'continueOnError'>): Step[] {
  return component === 'bars'
    ? BUILDERS.filter((builder) => builders.includes(builder))
    : REFRESHERS.filter((refresher) => refreshers.includes(refresher));
}

/**
 * Executes one (component, id) in one transaction, in which every step has a savepoint: a step that fails takes back its
 * own rows only, and its error is in its outcome.
 *
 * @throws whatever lost the transaction as a whole; nothing of it is stored then
 */
export async function executeItem(
  database: Database,
  order: ItemOrder,
  id: number,
  conditions: ItemConditions,
): Promise<ItemOutcome[]> {
  const { component } = order;
  const { monotonicMs, signal, readRows } = conditions;
  const outcomes: ItemOutcome[] = [];
  await database.transaction(async (tx) => {
    await limitStatements(tx, conditions);
    await conditions.claim?.(tx);
    await lockItem(tx, id);
    const context = itemContext(tx, id, order.settings, { signal, readRows });
    const emaStates = new Map<EmaTable, readonly EmaStateRow[]>();
    for (const step of stepsOf(order)) {
      // an embedded database never waits: without a turn of the event loop a signal would be seen after the run only
      await new Promise((resolve) => setImmediate(resolve));
      const isOver = outcomes.some((done) => done.status === 'failed') && stopsId(outcomes, order);
      outcomes.push(
        isOver || signal?.aborted === true
          ? notRun(component, step, id, monotonicMs())
          : await runStep(context, order, step, emaStates, monotonicMs),
      );
    }
    await writeEmaStates(tx, id, emaStates);
    if (component === 'emas') await saveEmaWatermarks(tx, id);
    await conditions.settle?.(tx, outcomes);
  });
  return outcomes;
}

/** Outcomes of an item whose transaction was lost as a whole: of `error`, or of an interruption when that is null. */
export function lostItem(order: ItemOrder, id: number, error: unknown, nowMs: number): ItemOutcome[] {
  return stepsOf(order).map((step, i) => ({
    ...notRun(order.component, step, id, nowMs),
    ...(i === 0 && error !== null ? { status: 'failed' as const, error } : {}),
  }));
}

/** Outcomes of an item that has nothing to do: all is in step, or there is nothing at all. */
export function untouched(order: ItemOrder, id: number, why: 'none' | 'no_source', nowMs: number): ItemOutcome[] {
  return lostItem(order, id, null, nowMs).map((outcome) => ({
    ...outcome,
    status: why === 'no_source' && outcome.step === '1d' ? 'no_source' : 'noop',
  }));
}

function notRun(component: Component, step: Step, id: number, nowMs: number): ItemOutcome {
  return { component, step, id, status: 'skipped', rows: noRows(), startedAtMs: nowMs, durationMs: 0, notices: [] };
}

/** A second later than the signal, so that the signal is what ends a step where it can. */
const STATEMENT_GRACE_MS = 1_000;

/** A statement that waits or works past the time limit is cancelled by the server; a stricter limit of the operator stays. */
async function limitStatements(tx: Session, { deadlineMs, monotonicMs }: ItemConditions): Promise<void> {
  if (deadlineMs === undefined || tx.engine !== 'postgres') return;
  const leftMs = Math.max(1, Math.ceil(deadlineMs - monotonicMs())) + STATEMENT_GRACE_MS;
  await tx.query(
    `SELECT set_config('statement_timeout', least(${leftMs}, nullif(${OPERATOR_LIMIT_MS}, 0))::text, true)`,
  );
}

/** What the server, the database or the role says; 0 is no limit. */
const OPERATOR_LIMIT_MS = `(extract(epoch FROM current_setting('statement_timeout')::interval) * 1000)::int8`;

/** Whether a failure ends the id: always for 1D, on which everything depends; for other steps without --continue-on-error. */
function stopsId(outcomes: readonly ItemOutcome[], order: ItemOrder): boolean {
  return !order.continueOnError || outcomes.some((done) => done.step === '1d' && done.status === 'failed');
}

/** @param emaStates takes up the EMA states of a step that went well */
async function runStep(
  context: ItemContext,
  order: ItemOrder,
  step: Step,
  emaStates: Map<EmaTable, readonly EmaStateRow[]>,
  monotonicMs: () => number,
): Promise<ItemOutcome> {
  const startedAtMs = monotonicMs();
  const common = { component: order.component, step, id: context.id, startedAtMs };
  try {
    const { emaStates: written, ...result } = await context.tx.savepoint(() => workOf(context, order, step));
    for (const [table, rows] of written ?? []) emaStates.set(table, rows);
    return { ...common, ...result, durationMs: monotonicMs() - startedAtMs };
  } catch (error) {
    // the whole item is done again then
    if (isDatabaseLost(error) || isConflict(error)) throw error;
    if (context.signal?.aborted === true) return notRun(order.component, step, context.id, startedAtMs);
    context.forget();
    if (error instanceof NonFiniteEma) await recordNonFinite(context, error);
    return { ...common, status: 'failed', rows: noRows(), durationMs: monotonicMs() - startedAtMs, notices: [], error };
  }
}

function workOf(context: ItemContext, order: ItemOrder, step: Step): Promise<StepResult> {
  if (order.component === 'emas') {
    return refreshEmas(context, emaSourcesOf({ ...order, refreshers: [step as Refresher] }));
  }
  return step === '1d' ? refreshDaily(context) : refreshBarFamily(context, step as Exclude<Builder, '1d'>);
}

/** All tables of one refresher; an id without daily bars state has no EMA state either. */
async function refreshEmas(context: ItemContext, sources: readonly EmaSource[]): Promise<StepResult> {
  const { tx, id } = context;
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

/** Keeps the reject of a value that is not finite although its rows were taken back (docs/emas.md#checks-of-values). */
async function recordNonFinite(context: ItemContext, error: NonFiniteEma): Promise<void> {
  await writeEmaRejects(context.tx, error.table, context.id, context.run.runId, [error.found]);
}
