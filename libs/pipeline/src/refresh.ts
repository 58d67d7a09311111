import type { Database, Session } from '@ta/state-store';
import {
  lockItem,
  openRefreshState,
  readDailyOverview,
  resetEmaState,
  saveEmaWatermarks,
  writeEmaRejects,
} from '@ta/state-store';
import { BUILDERS, REFRESHERS, type Builder, type Component, type EmaSource, type Refresher } from './components.ts';
import { logUntracedChanges } from './deep-check.ts';
import { checkFreshness, type FreshnessResult } from './freshness.ts';
import { itemContext, type ItemContext } from './item-context.ts';
import { refreshBarFamily } from './items/bar-family-item.ts';
import { refreshDaily, type StepResult } from './items/daily-item.ts';
import { refreshEmaTable } from './items/ema-item.ts';
import { NonFiniteEma } from './items/ema-rows.ts';
import { loadPending, newestDays } from './pending.ts';
import { isDatabaseLost, isLockLost, withReconnect, type ReconnectPolicy } from './reconnect.ts';
import {
  addRows,
  noRows,
  type ComponentReport,
  type ItemOutcome,
  type Notice,
  type RunReport,
  type Step,
  type StepReport,
} from './run-report.ts';
import type { RunSettings } from './run-settings.ts';
import { emaSourcesOf } from './state-overview.ts';

/** What one run shall do. */
export interface RefreshRequest extends ReconnectPolicy {
  readonly components: readonly Component[];
  readonly builders: readonly Builder[];
  readonly refreshers: readonly Refresher[];
  /** Restricts the EMA tables of the refreshers, e.g. to one scheme; all of them without. */
  readonly emaTables?: ReadonlySet<EmaSource['table']>;
  /** Ids in ascending order. */
  readonly ids: readonly number[];
  readonly settings: RunSettings;
  /** The run's clock, epoch ms (`--as-of`): freshness is judged by it. */
  readonly nowMs: number;
  readonly stalenessHours: number;
  readonly skipStaleCheck: boolean;
  readonly continueOnError: boolean;
  /** Ids refreshed side by side. */
  readonly concurrency: number;
  /** Stops the run: no further id starts, the steps in flight are rolled back. */
  readonly signal?: AbortSignal;
  /** Time limit of each component, milliseconds; 0 or nothing is none (operations.md 2.5). */
  readonly timeoutMs?: Readonly<Partial<Record<Component, number>>>;
  /** A component with new rejects fails, although its rows are stored: `--fail-on-rejects`, `--fail-on-validation`. */
  readonly failOnRejects?: Readonly<Partial<Record<Component, boolean>>>;
  /** Look for source changes that the log missed, and take them in. */
  readonly isDeepCheck?: boolean;
  /** Throws when this run may not write any more; asked before an id is begun and before it is committed. */
  readonly assertExclusive?: () => Promise<void>;
}

/** Told what happens while it happens. Must not throw. */
export interface RefreshObserver {
  componentStarted?(component: Component, ids: readonly number[]): void | Promise<void>;
  componentFinished?(report: ComponentReport): void | Promise<void>;
  freshnessChecked?(result: FreshnessResult): void;
  itemFinished?(outcome: ItemOutcome): void;
  /** `id` is null for what concerns all ids. */
  notice?(notice: Notice, id: number | null): void;
}

/**
 * Runs a refresh: bars, then EMAs of the ids whose bars are fresh (operations.md 2). Each (component, id) is one
 * transaction in which every step has a savepoint, so a step that fails takes back its own rows only.
 *
 * A failure never throws: it is in the report. A database that is lost for good, or a lost run lock, ends the run in both
 * modes; what was not begun is skipped.
 *
 * @param monotonicMs clock for durations, milliseconds
 */
export async function refresh(
  database: Database,
  request: RefreshRequest,
  observer: RefreshObserver,
  monotonicMs: () => number,
): Promise<RunReport> {
  const components: ComponentReport[] = [];
  const failures: Failures = { ids: new Set(), isFatal: false };
  let staleIds: number[] = [];
  for (const component of request.components) {
    const report: ComponentReport<Component> = { component, status: 'ok', seconds: 0, steps: [] };
    components.push(report);
    const isEnded = failures.isFatal || request.signal?.aborted === true;
    if (components.some((done) => done.status === 'failed') && (isEnded || !request.continueOnError)) {
      skip(report, request, 'an earlier component failed');
      continue;
    }
    const startedMs = monotonicMs();
    const bounded = withDeadline(request, component, startedMs);
    try {
      const ids = component === 'bars' ? request.ids : await freshIds(database, bounded, failures.ids, observer);
      if (component === 'emas') staleIds = request.ids.filter((id) => !ids.includes(id));
      if (component === 'emas' && ids.length === 0 && request.ids.length > 0) {
        report.status = 'failed';
        report.note = 'no IDs with fresh bars';
      } else {
        await observer.componentStarted?.(component, ids);
        await runComponent(database, bounded, component, ids, report, failures, observer, monotonicMs);
      }
    } catch (error) {
      // not even the list of what there is to do could be read
      failures.isFatal ||= isFatal(error);
      report.status = 'failed';
      report.note = messageOf(error);
    }
    report.seconds = (monotonicMs() - startedMs) / 1000;
    await observer.componentFinished?.(report);
  }
  return { runId: request.settings.runId, ids: request.ids, components, staleIds, failedIds: [...failures.ids] };
}

/** A request under the time limit of one component. */
interface BoundedRequest extends RefreshRequest {
  /** When the time is over, on the clock of durations; absent without a limit. */
  readonly deadlineMs?: number;
  readonly limitMs: number;
}

function withDeadline(request: RefreshRequest, component: Component, startedMs: number): BoundedRequest {
  const limitMs = request.timeoutMs?.[component] ?? 0;
  if (limitMs <= 0) return { ...request, limitMs };
  const deadline = AbortSignal.timeout(limitMs);
  const signal = request.signal === undefined ? deadline : AbortSignal.any([request.signal, deadline]);
  return { ...request, signal, deadlineMs: startedMs + limitMs, limitMs };
}

/** What went wrong so far. */
interface Failures {
  readonly ids: Set<number>;
  /** The database or the run lock is gone: nothing more is begun. */
  isFatal: boolean;
}

function isFatal(error: unknown): boolean {
  return isDatabaseLost(error) || isLockLost(error);
}

async function freshIds(
  database: Database,
  request: RefreshRequest,
  barsFailed: ReadonlySet<number>,
  observer: RefreshObserver,
): Promise<readonly number[]> {
  if (request.skipStaleCheck) return request.ids;
  const daily = await withReconnect(
    () => database.session((session) => readDailyOverview(session, request.ids)),
    request,
    tellOfRetry(observer, null),
  );
  const result = checkFreshness(request.ids, newestDays(daily), barsFailed, request.nowMs, request.stalenessHours);
  observer.freshnessChecked?.(result);
  return result.fresh;
}

/** A step bound to what it does for one id. */
interface BoundStep {
  readonly step: Step;
  run(context: ItemContext): Promise<StepResult>;
}

function boundSteps(component: Component, request: RefreshRequest): BoundStep[] {
  if (component === 'bars') {
    return BUILDERS.filter((builder) => request.builders.includes(builder)).map((builder) => ({
      step: builder,
      run: (context) => (builder === '1d' ? refreshDaily(context) : refreshBarFamily(context, builder)),
    }));
  }
  return REFRESHERS.filter((refresher) => request.refreshers.includes(refresher)).map((refresher) => ({
    step: refresher,
    run: (context) => refreshEmas(context, emaSourcesOf({ ...request, refreshers: [refresher] })),
  }));
}

/** All tables of one refresher; an id without daily bars state has no EMA state either. */
async function refreshEmas(context: ItemContext, sources: readonly EmaSource[]): Promise<StepResult> {
  const { tx, id } = context;
  const stampMs = (await context.dailyState()) === null ? Number.NaN : await openRefreshState(tx, id);
  const results: StepResult[] = [];
  for (const source of sources) results.push(await refreshEmaTable(context, source, stampMs));
  if (Number.isNaN(stampMs)) await resetEmaState(tx, [id]);
  return joined(results);
}

function joined(results: readonly StepResult[]): StepResult {
  const rows = noRows();
  for (const result of results) addRows(rows, result.rows);
  const status = results.find((result) => result.status !== 'noop')?.status ?? 'noop';
  return { status, rows, notices: results.flatMap((result) => result.notices) };
}

async function runComponent(
  database: Database,
  request: BoundedRequest,
  component: Component,
  ids: readonly number[],
  report: ComponentReport<Component>,
  failures: Failures,
  observer: RefreshObserver,
  monotonicMs: () => number,
): Promise<void> {
  const steps = boundSteps(component, request);
  const reports = new Map(steps.map(({ step }) => [step, emptyStep(step)]));
  report.steps.push(...reports.values());
  if (request.isDeepCheck === true && steps.some(({ step }) => step === '1d')) {
    const found = await withReconnect(() => database.transaction((tx) => logUntracedChanges(tx, ids)), request);
    for (const { id, notice } of found) observer.notice?.(notice, id);
  }
  const isPending = await withReconnect(
    () => database.transaction((tx) => loadPending(tx, request, component)),
    request,
    tellOfRetry(observer, null),
  );

  const queue = ids.values();
  let isStopped = false;
  const worker = async () => {
    for (const id of queue) {
      if (isStopped || request.signal?.aborted === true) return;
      const outcomes = isPending(id)
        ? await runId(database, request, component, id, steps, observer, monotonicMs)
        : upToDate(component, id, steps, monotonicMs());
      for (const outcome of outcomes) {
        record(reports.get(outcome.step) as StepReport, outcome);
        observer.itemFinished?.(outcome);
        for (const notice of outcome.notices) observer.notice?.(notice, id);
        if (outcome.status !== 'failed') continue;
        failures.ids.add(id);
        failures.isFatal ||= isFatal(outcome.error);
        if (!request.continueOnError || failures.isFatal) isStopped = true;
      }
    }
  };
  await Promise.all(Array.from({ length: Math.max(1, request.concurrency) }, worker));
  closeComponent(report, ids.length, request);
}

/** Refreshes one id; a lost connection is tried again, because nothing of the transaction was stored. */
async function runId(
  database: Database,
  request: BoundedRequest,
  component: Component,
  id: number,
  steps: readonly BoundStep[],
  observer: RefreshObserver,
  monotonicMs: () => number,
): Promise<ItemOutcome[]> {
  try {
    return await withReconnect(
      () => runTransaction(database, request, component, id, steps, monotonicMs),
      request,
      tellOfRetry(observer, id),
    );
  } catch (error) {
    // the transaction as a whole was lost: nothing that its steps reported is stored
    const isInterrupted = request.signal?.aborted === true;
    return steps.map(({ step }, i) => ({
      ...notRun(component, step, id, monotonicMs()),
      ...(i === 0 && !isInterrupted ? { status: 'failed' as const, error } : {}),
    }));
  }
}

function tellOfRetry(observer: RefreshObserver, id: number | null): (error: Error, delayMs: number) => void {
  return (error, delayMs) => {
    const text = `${id === null ? '' : `id ${id}: `}${error.message}; trying again in ${delayMs / 1000} s`;
    observer.notice?.({ level: 'warning', event: 'db_connection', text }, id);
  };
}

async function runTransaction(
  database: Database,
  request: BoundedRequest,
  component: Component,
  id: number,
  steps: readonly BoundStep[],
  monotonicMs: () => number,
): Promise<ItemOutcome[]> {
  const outcomes: ItemOutcome[] = [];
  await request.assertExclusive?.();
  await database.transaction(async (tx) => {
    await limitStatements(tx, request, monotonicMs());
    await lockItem(tx, id);
    const context = itemContext(tx, id, request.settings, request.signal);
    for (const step of steps) {
      // an embedded database never waits: without a turn of the event loop a signal would be seen after the run only
      await new Promise((resolve) => setImmediate(resolve));
      const isOver = outcomes.some((done) => done.status === 'failed') && stopsId(outcomes, request);
      outcomes.push(
        isOver || request.signal?.aborted === true
          ? notRun(component, step.step, id, monotonicMs())
          : await runStep(context, component, step, monotonicMs),
      );
    }
    if (component === 'emas') await saveEmaWatermarks(tx, id);
    await request.assertExclusive?.();
  });
  return outcomes;
}

/** A second later than the signal, so that the signal is what ends a step where it can. */
const STATEMENT_GRACE_MS = 1_000;

/** A statement that waits or works past the time limit is cancelled by the server; a stricter limit of the operator stays. */
async function limitStatements(tx: Session, { deadlineMs }: BoundedRequest, nowMs: number): Promise<void> {
  if (deadlineMs === undefined || tx.engine !== 'postgres') return;
  const leftMs = Math.max(1, Math.ceil(deadlineMs - nowMs)) + STATEMENT_GRACE_MS;
  await tx.query(
    `SELECT set_config('statement_timeout', least(${leftMs}, nullif(${OPERATOR_LIMIT_MS}, 0))::text, true)`,
  );
}

/** What the server, the database or the role says; 0 is no limit. */
const OPERATOR_LIMIT_MS = `(extract(epoch FROM current_setting('statement_timeout')::interval) * 1000)::int8`;

/** Whether a failure ends the id: always for 1D, on which everything rests; for the rest unless told to go on. */
function stopsId(outcomes: readonly ItemOutcome[], request: RefreshRequest): boolean {
  return !request.continueOnError || outcomes.some((done) => done.step === '1d' && done.status === 'failed');
}

async function runStep(
  context: ItemContext,
  component: Component,
  bound: BoundStep,
  monotonicMs: () => number,
): Promise<ItemOutcome> {
  const startedAtMs = monotonicMs();
  const common = { component, step: bound.step, id: context.id, startedAtMs };
  try {
    const result = await context.tx.savepoint(() => bound.run(context));
    return { ...common, ...result, durationMs: monotonicMs() - startedAtMs };
  } catch (error) {
    if (isDatabaseLost(error)) throw error;
    if (context.signal?.aborted === true) return notRun(component, bound.step, context.id, startedAtMs);
    context.forgetDaily();
    if (error instanceof NonFiniteEma) await recordNonFinite(context, error);
    return { ...common, status: 'failed', rows: noRows(), durationMs: monotonicMs() - startedAtMs, notices: [], error };
  }
}

function upToDate(component: Component, id: number, steps: readonly BoundStep[], nowMs: number): ItemOutcome[] {
  return steps.map(({ step }) => ({ ...notRun(component, step, id, nowMs), status: 'noop' as const }));
}

function notRun(component: Component, step: Step, id: number, nowMs: number): ItemOutcome {
  return { component, step, id, status: 'skipped', rows: noRows(), startedAtMs: nowMs, durationMs: 0, notices: [] };
}

function emptyStep(step: Step): StepReport {
  return {
    step,
    status: 'skipped',
    busySeconds: 0,
    ids: { ok: 0, upToDate: 0, failed: 0, skipped: 0 },
    rows: noRows(),
    errors: [],
  };
}

function record(report: StepReport, outcome: ItemOutcome): void {
  report.busySeconds += outcome.durationMs / 1000;
  addRows(report.rows, outcome.rows);
  if (outcome.status === 'failed') {
    report.ids.failed++;
    report.errors.push({ id: outcome.id, message: messageOf(outcome.error) });
  } else if (outcome.status === 'ok') report.ids.ok++;
  else if (outcome.status === 'noop') report.ids.upToDate++;
  else report.ids.skipped++;
}

function closeComponent(report: ComponentReport<Component>, idCount: number, request: BoundedRequest): void {
  const isStrict = request.failOnRejects?.[report.component] === true;
  // the days that an append looks at again hold rejects that were told before; EMAs are written once
  const rejectsOf = ({ rows }: StepReport) => (report.component === 'bars' ? rows.rejected : rows.refused);
  for (const step of report.steps) {
    if (isStrict && rejectsOf(step) > 0) step.note = `${rejectsOf(step)} rejects`;
    if (step.ids.failed > 0 || step.note !== undefined) step.status = 'failed';
    else if (step.ids.ok > 0) step.status = 'ok';
    else if (step.ids.upToDate > 0) step.status = 'up_to_date';
  }
  const failed = new Set(report.steps.flatMap((step) => step.errors.map((error) => error.id)));
  const rejected = report.steps.reduce((sum, step) => sum + rejectsOf(step), 0);
  const isUnfinished = report.steps.some(({ ids }) => ids.ok + ids.upToDate + ids.failed < idCount);
  if (isUnfinished && (request.signal?.reason as { name?: unknown } | undefined)?.name === 'TimeoutError') {
    report.status = 'failed';
    report.isTimedOut = true;
    report.note = `Timed out after ${request.limitMs / 1000}s`;
  } else if (failed.size > 0) {
    report.status = 'failed';
    report.note = `${failed.size} of ${idCount} IDs failed: [${[...failed].sort((a, b) => a - b).join(', ')}]`;
  } else if (request.signal?.aborted === true) {
    report.status = 'failed';
    report.note = 'interrupted';
  } else if (isStrict && rejected > 0) {
    report.status = 'failed';
    report.note = `${rejected} rejects`;
  }
}

function skip(report: ComponentReport<Component>, request: RefreshRequest, why: string): void {
  report.status = 'skipped';
  report.note = why;
  report.steps.push(...boundSteps(report.component, request).map(({ step }) => emptyStep(step)));
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Keeps the reject of a value that is not finite although its rows were taken back (emas.md D11 (1)). */
async function recordNonFinite(context: ItemContext, error: NonFiniteEma): Promise<void> {
  await writeEmaRejects(context.tx, error.table, context.id, context.run.runId, [error.found]);
}
