import type { Database } from '@ta/state-store';
import { isAhead, readNewestDays } from '@ta/state-store';
import type { Component } from './components.ts';
import { logUntracedChanges } from './deep-check.ts';
import { stepsOf, untouched, type ItemOrder } from './execute-item.ts';
import { checkFreshness, type FreshnessResult } from './freshness.ts';
import { localExecutor } from './item-executor.ts';
import { readPending, type PendingWork } from './plan/plan-run.ts';
import { isDatabaseLost, isLockLost, withReconnect } from './reconnect.ts';
import type { RefreshRequest } from './refresh-request.ts';
import {
  addRows,
  isUndone,
  noRows,
  type ComponentReport,
  type ItemOutcome,
  type Notice,
  type RunReport,
  type Step,
  type StepReport,
} from './run-report.ts';

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
 * Runs a refresh: bars, then EMAs of the ids whose bars are fresh (docs/operations.md#order). Each (component, id) is one
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
  const failures: Failures = { ids: new Set(), changed: new Set(), isFatal: false };
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
      const taken = new Set(ids);
      if (component === 'emas') staleIds = request.ids.filter((id) => !taken.has(id));
      if (component === 'emas' && ids.length === 0 && request.ids.length > 0) {
        report.status = 'failed';
        report.note = 'no IDs with fresh bars';
      } else {
        await observer.componentStarted?.(component, ids);
        await runComponent(database, bounded, component, ids, report, failures, observer, monotonicMs);
        if (component === 'bars') await tellOfDaysAhead(database, bounded, failures.changed, observer);
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

/** A longer timer of Node goes off at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

function withDeadline(request: RefreshRequest, component: Component, startedMs: number): BoundedRequest {
  const limitMs = request.timeoutMs?.[component] ?? 0;
  if (limitMs <= 0) return { ...request, limitMs };
  const over = new AbortController();
  // a timer that holds the signal: one of AbortSignal.timeout may be collected before it fires when only AbortSignal.any knows it
  setTimeout(
    () => over.abort(new DOMException('The time limit has passed.', 'TimeoutError')),
    Math.min(limitMs, LONGEST_TIMER_MS),
  ).unref();
  const signal = request.signal === undefined ? over.signal : AbortSignal.any([request.signal, over.signal]);
  return { ...request, signal, deadlineMs: startedMs + limitMs, limitMs };
}

/** What a run knows so far: what went wrong, and what there is to do. */
interface Failures {
  readonly ids: Set<number>;
  /** Read once a run. */
  pendingWork?: PendingWork;
  /** Ids that were changed since: what there is to do, their items find out. */
  readonly changed: Set<number>;
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
  const newestDays = await withReconnect(
    () => database.session((session) => readNewestDays(session, request.nowMs, request.ids)),
    request,
    tellOfRetry(observer, null),
  );
  const result = checkFreshness(request.ids, newestDays, barsFailed, request.nowMs, request.stalenessHours);
  observer.freshnessChecked?.(result);
  return result.fresh;
}

/** Of how many ids a run says that they are ahead. */
const MOST_AHEAD = 20;

/**
 * Warns of bars that lie more than a day after the clock of the run: a mistyped year is a day like any other to the builders.
 * Runs that judge the freshness of bars hold such ids back and say so themselves.
 */
async function tellOfDaysAhead(
  database: Database,
  request: RefreshRequest,
  changed: ReadonlySet<number>,
  observer: RefreshObserver,
): Promise<void> {
  const { nowMs, skipStaleCheck, components, signal } = request;
  const isJudged = !skipStaleCheck && components.includes('emas');
  if (isJudged || changed.size === 0 || signal?.aborted === true) return;
  const newestDays = await withReconnect(
    () => database.session((session) => readNewestDays(session, nowMs, [...changed])),
    request,
    tellOfRetry(observer, null),
  );
  const ahead = [...newestDays].filter(([, { lastTs }]) => isAhead(lastTs, nowMs)).sort(([a], [b]) => a - b);
  for (const [id, { lastTs }] of ahead.slice(0, MOST_AHEAD)) {
    const text = `id ${id}: the bar of ${dayText(lastTs)} lies after the clock of this run, ${dayText(nowMs)}. If its row in cmc_price_histories7 is wrong, correct or delete it, and run again`;
    observer.notice?.({ level: 'warning', event: 'bar_ahead_of_clock', text }, id);
  }
  if (ahead.length <= MOST_AHEAD) return;
  const text = `${ahead.length - MOST_AHEAD} more ids have bars after the clock of this run: ta state stale`;
  observer.notice?.({ level: 'warning', event: 'bar_ahead_of_clock', text }, null);
}

function dayText(ts: number): string {
  return new Date(ts).toISOString().slice(0, 10);
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
  const order: ItemOrder = { ...request, component };
  const steps = stepsOf(order);
  const reports = new Map(steps.map((step) => [step, emptyStep(step)]));
  report.steps.push(...reports.values());
  if (request.isDeepCheck === true && steps.includes('1d')) {
    const found = await withReconnect(() => database.transaction((tx) => logUntracedChanges(tx, ids)), request);
    for (const { id, notice } of found) observer.notice?.(notice, id);
  }
  failures.pendingWork ??= await withReconnect(
    () => database.transaction((tx) => readPending(tx, request)),
    request,
    tellOfRetry(observer, null),
  );
  const { pendingWork, changed } = failures;
  const withoutSource: number[] = [];

  const pool = await (request.executor ?? localExecutor(database)).open(order, {
    ...request,
    monotonicMs,
    tellOfRetry: (id) => tellOfRetry(observer, id),
  });
  const waiting = ids.values();
  let isStopped = false;
  const handOver = async () => {
    for (const id of waiting) {
      if (isStopped || request.signal?.aborted === true) return;
      const pending = changed.has(id) ? 'work' : pendingWork(id, component);
      const outcomes = pending === 'work' ? await pool.run(id) : untouched(order, id, pending, monotonicMs());
      if (pending === 'no_source') withoutSource.push(id);
      for (const outcome of outcomes ?? []) {
        if (outcome.status === 'ok' || outcome.rows.deleted > 0 || isUndone(outcome.status)) changed.add(id);
        record(reports.get(outcome.step) as StepReport, outcome);
        observer.itemFinished?.(outcome);
        for (const notice of outcome.notices) observer.notice?.(notice, id);
        if (!isUndone(outcome.status)) continue;
        failures.ids.add(id);
        // whoever finds its input behind keeps nobody else from working
        if (outcome.status !== 'failed') continue;
        failures.isFatal ||= isFatal(outcome.error);
        if (!request.continueOnError || failures.isFatal) isStopped = true;
      }
      if (isStopped) pool.stop();
    }
  };
  try {
    await Promise.all(Array.from({ length: Math.min(pool.width, ids.length) }, handOver));
  } finally {
    await pool.close();
  }
  tellOfMissing(withoutSource, observer);
  closeComponent(report, ids.length, request);
}

/** Ids that a notice names. */
const NAMED = 5;

/** One notice, however many assets have been named of which nobody has prices. */
function tellOfMissing(ids: readonly number[], observer: RefreshObserver): void {
  if (ids.length === 0) return;
  const named = ids.slice(0, NAMED).join(', ');
  const rest = ids.length > NAMED ? ` and ${ids.length - NAMED} more` : '';
  const text = `${ids.length === 1 ? `id ${named} has` : `ids ${named}${rest} have`} no rows in cmc_price_histories7`;
  observer.notice?.({ level: 'warning', event: 'missing_data', text }, ids.length === 1 ? (ids[0] as number) : null);
}

function tellOfRetry(observer: RefreshObserver, id: number | null): (error: Error, delayMs: number) => void {
  return (error, delayMs) => {
    const text = `${id === null ? '' : `id ${id}: `}${error.message}; trying again in ${delayMs / 1000} s`;
    observer.notice?.({ level: 'warning', event: 'db_connection', text }, id);
  };
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
  if (isUndone(outcome.status)) {
    report.ids.failed++;
    report.errors.push({ id: outcome.id, message: messageOf(outcome.error) });
  } else if (outcome.status === 'ok') report.ids.ok++;
  else if (outcome.status === 'noop') report.ids.upToDate++;
  else report.ids.skipped++;
}

function closeComponent(report: ComponentReport<Component>, idCount: number, request: BoundedRequest): void {
  const isStrict = request.failOnRejects?.[report.component] === true;
  // the days that an append looks at again hold rejects that were reported before; EMAs are written once
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
  report.steps.push(...stepsOf({ ...request, component: report.component }).map(emptyStep));
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
