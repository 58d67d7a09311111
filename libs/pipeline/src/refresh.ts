import { BAR_FAMILIES, utcDayText, type Timeframe } from '@ta/bars-core/engine';
import { isAhead, openBarSeries, openEmaSeries, readNewestDays, type Database } from '@ta/state-store';
import { emaSourcesOf, timeframesOfEmas, type Component } from './components.ts';
import { closeComponent, emptyStep, messageOf, record, skip } from './component-report.ts';
import { logUntracedChanges } from './deep-check.ts';
import { stepsOf, untouched, type ComponentRequest } from './execute-item.ts';
import { checkFreshness, type FreshnessResult } from './freshness.ts';
import { localExecutor } from './item-executor.ts';
import { readIdsToClear, readPending, type PendingWork } from './plan/plan-run.ts';
import { isDatabaseLost, isLockLost, withReconnect } from './reconnect.ts';
import type { RefreshRequest } from './refresh-request.ts';
import type { RunSettings } from './run-settings.ts';
import {
  isUndone,
  warning,
  type ComponentReport,
  type ItemOutcome,
  type Notice,
  type RunReport,
  type StepReport,
} from './run-report.ts';

/** Notified of events as they happen. Must not throw. */
export interface RefreshObserver {
  componentStarted?(component: Component, ids: readonly number[]): void | Promise<void>;
  componentFinished?(report: ComponentReport): void | Promise<void>;
  freshnessChecked?(result: FreshnessResult): void;
  itemFinished?(outcome: ItemOutcome): void;
  /** `ids` are the ids that the notice is about; empty if it concerns the whole run. */
  notice?(notice: Notice, ids: readonly number[]): void;
}

/**
 * Runs a refresh: bars, then EMAs of the ids whose bars are fresh (docs/operations.md#order). Each (component, id) is one
 * transaction in which every step has a savepoint, so when a step fails, only its own rows are rolled back.
 *
 * A failure is never thrown, but is in the report. When the database or the run lock is lost for good, the run ends even if it
 * continues on errors; ids that were not started are skipped.
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
  const known: Known = { failed: new Set(), changed: new Set(), isFatal: false };
  let staleIds: number[] = [];
  for (const component of request.components) {
    const report: ComponentReport<Component> = { component, status: 'ok', seconds: 0, steps: [] };
    components.push(report);
    const isEnded = known.isFatal || request.signal?.aborted === true;
    if (components.some((done) => done.status === 'failed') && (isEnded || !request.continueOnError)) {
      skip(report, request, 'an earlier component failed');
      continue;
    }
    const startedMs = monotonicMs();
    const bounded = withDeadline(request, component, startedMs);
    const part: Part = { database, request: bounded, component, observer, monotonicMs, known };
    try {
      const { fresh, cleared } = component === 'bars' ? { fresh: request.ids, cleared: [] } : await freshIds(part);
      const taken = new Set(fresh);
      if (component === 'emas') staleIds = request.ids.filter((id) => !taken.has(id));
      const ids = [...fresh, ...cleared].sort((a, b) => a - b);
      if (ids.length > 0 || request.ids.length === 0) {
        await observer.componentStarted?.(component, ids);
        await runComponent(part, ids, report);
        if (component === 'bars') await tellOfDaysAhead(part);
      }
      if (fresh.length === 0 && request.ids.length > 0) {
        report.status = 'failed';
        report.note ??= 'no IDs with fresh bars';
      }
    } catch (error) {
      // not even the plan could be read
      known.isFatal ||= isFatal(error);
      report.status = 'failed';
      report.note = messageOf(error);
    }
    report.seconds = (monotonicMs() - startedMs) / 1000;
    await observer.componentFinished?.(report);
  }
  return { runId: request.settings.runId, ids: request.ids, components, staleIds, failedIds: [...known.failed] };
}

/** A request under the time limit of one component. */
interface BoundedRequest extends RefreshRequest {
  /** The deadline, on the clock of durations; absent without a limit. */
  readonly deadlineMs?: number;
  readonly limitMs: number;
}

/** Longest delay of a timer: Node fires a longer one immediately. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

function withDeadline(request: RefreshRequest, component: Component, startedMs: number): BoundedRequest {
  const limitMs = request.timeoutMs?.[component] ?? 0;
  if (limitMs <= 0) return { ...request, limitMs };
  const over = new AbortController();
  // this timer keeps a reference to its signal; the signal of AbortSignal.timeout may be garbage-collected before it fires if
  // only AbortSignal.any refers to it
  setTimeout(
    () => over.abort(new DOMException('The time limit has passed.', 'TimeoutError')),
    Math.min(limitMs, LONGEST_TIMER_MS),
  ).unref();
  const signal = request.signal === undefined ? over.signal : AbortSignal.any([request.signal, over.signal]);
  return { ...request, signal, deadlineMs: startedMs + limitMs, limitMs };
}

/** The progress of a run: its failures, and its plan. */
interface Known {
  readonly failed: Set<number>;
  /** Read once a run. */
  pendingWork?: PendingWork;
  /** Ids whose items ran since the plan was read, for which it may no longer hold; their further items plan again. */
  readonly changed: Set<number>;
  /** The database or the run lock is lost: nothing more is started. */
  isFatal: boolean;
}

/** A component of a run at work. */
interface Part {
  readonly database: Database;
  readonly request: BoundedRequest;
  readonly component: Component;
  readonly observer: RefreshObserver;
  readonly monotonicMs: () => number;
  readonly known: Known;
}

function isFatal(error: unknown): boolean {
  return isDatabaseLost(error) || isLockLost(error);
}

/** Works on the database; when the connection is lost, reports that and tries again. */
function patiently<T>({ request, observer }: Part, work: () => Promise<T>): Promise<T> {
  return withReconnect(work, request, tellOfRetry(observer, null));
}

/** The ids that get EMAs, and those without bars that only lose their EMAs. */
interface IdsOfEmas {
  readonly fresh: readonly number[];
  readonly cleared: readonly number[];
}

async function freshIds(part: Part): Promise<IdsOfEmas> {
  const { database, request, observer, known } = part;
  const { ids, nowMs, stalenessHours } = request;
  if (request.skipStaleCheck) return { fresh: ids, cleared: [] };
  const newestDays = await patiently(part, () => database.session((session) => readNewestDays(session, nowMs, ids)));
  const result = checkFreshness(ids, newestDays, known.failed, nowMs, stalenessHours);
  observer.freshnessChecked?.(result);
  const gone = result.stale.filter(({ reason }) => reason === 'no_state').map(({ id }) => id);
  const cleared = await patiently(part, () => database.session((session) => readIdsToClear(session, gone, request)));
  return { fresh: result.fresh, cleared };
}

/** Number of ids for which a run warns that they are ahead. */
const MOST_AHEAD = 20;

/**
 * Warns of bars that are more than a day after the clock of the run, since the builders accept a mistyped year like any other
 * day. Runs with a freshness check leave such ids out and report that themselves.
 */
async function tellOfDaysAhead(part: Part): Promise<void> {
  const { database, observer, known } = part;
  const { nowMs, skipStaleCheck, components, signal } = part.request;
  const isJudged = !skipStaleCheck && components.includes('emas');
  if (isJudged || known.changed.size === 0 || signal?.aborted === true) return;
  const ids = [...known.changed];
  const newestDays = await patiently(part, () => database.session((session) => readNewestDays(session, nowMs, ids)));
  const ahead = [...newestDays].filter(([, { lastTs }]) => isAhead(lastTs, nowMs)).sort(([a], [b]) => a - b);
  for (const [id, { lastTs }] of ahead.slice(0, MOST_AHEAD)) {
    const text = `id ${id}: the bar of ${utcDayText(lastTs)} lies after the clock of this run, ${utcDayText(nowMs)}. If its row in cmc_price_histories7 is wrong, correct or delete it, and run again`;
    observer.notice?.(warning('bar_ahead_of_clock', text), [id]);
  }
  if (ahead.length <= MOST_AHEAD) return;
  const text = `${ahead.length - MOST_AHEAD} more ids have bars after the clock of this run: ta state stale`;
  observer.notice?.(warning('bar_ahead_of_clock', text), []);
}

async function runComponent(part: Part, ids: readonly number[], report: ComponentReport<Component>): Promise<void> {
  const { database, request, component, observer, monotonicMs, known } = part;
  let componentRequest: ComponentRequest = { ...request, component };
  const steps = stepsOf(componentRequest);
  const reports = new Map(steps.map((step) => [step, emptyStep(step)]));
  report.steps.push(...reports.values());
  if (request.isDeepCheck === true && steps.includes('1d')) {
    const found = await patiently(part, () => database.transaction((tx) => logUntracedChanges(tx, ids)));
    for (const { id, notice } of found) observer.notice?.(notice, [id]);
  }
  known.pendingWork ??= await patiently(part, () => database.transaction((tx) => readPending(tx, request)));
  const { pendingWork, changed } = known;
  if (ids.some((id) => changed.has(id) || pendingWork(id, component) === 'work')) {
    const series = await patiently(part, () => openSeries(database, componentRequest));
    componentRequest = { ...componentRequest, settings: { ...componentRequest.settings, ...series } };
  }
  const withoutSource: number[] = [];

  const pool = await (request.executor ?? localExecutor(database)).open(componentRequest, {
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
      const outcomes =
        pending === 'work' ? await pool.run(id) : untouched(componentRequest, id, pending, monotonicMs());
      // even an item that did nothing: its transaction may be a repetition of one that was committed when the connection was lost
      if (pending === 'work') changed.add(id);
      if (pending === 'no_source') withoutSource.push(id);
      for (const outcome of outcomes ?? []) {
        record(reports.get(outcome.step) as StepReport, outcome);
        observer.itemFinished?.(outcome);
        for (const notice of outcome.notices) observer.notice?.(notice, [id]);
        if (!isUndone(outcome.status)) continue;
        known.failed.add(id);
        // an item whose input is not up to date does not stop the others
        if (outcome.status !== 'failed') continue;
        known.isFatal ||= isFatal(outcome.error);
        if (!request.continueOnError || known.isFatal) isStopped = true;
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

/** Adds the missing series of a component before its items start; items that add series would wait for one another. */
async function openSeries(database: Database, request: ComponentRequest): Promise<Partial<RunSettings>> {
  const { component, builders, settings } = request;
  const keyOf = ({ tf, nominalDays }: Timeframe) => ({ tf, tfDays: nominalDays });
  if (component === 'bars') {
    const wanted = BAR_FAMILIES.filter((family) => builders.includes(family)).flatMap((family) =>
      settings.timeframes[family].map((timeframe) => ({ family, ...keyOf(timeframe) })),
    );
    return { barSeries: await openBarSeries(database, wanted) };
  }
  const { periods } = settings;
  const wanted = emaSourcesOf(request).flatMap((source) =>
    timeframesOfEmas(settings, source).map((timeframe) => ({ table: source.table, periods, ...keyOf(timeframe) })),
  );
  return { emaSeries: await openEmaSeries(database, wanted) };
}

/** Number of ids that a notice lists. */
const NAMED = 5;

/** One notice for all requested assets without prices. */
function tellOfMissing(ids: readonly number[], observer: RefreshObserver): void {
  if (ids.length === 0) return;
  const named = ids.slice(0, NAMED).join(', ');
  const rest = ids.length > NAMED ? ` and ${ids.length - NAMED} more` : '';
  const text = `${ids.length === 1 ? `id ${named} has` : `ids ${named}${rest} have`} no rows in cmc_price_histories7`;
  observer.notice?.(warning('missing_data', text), ids);
}

function tellOfRetry(observer: RefreshObserver, id: number | null): (error: Error, delayMs: number) => void {
  return (error, delayMs) => {
    const text = `${id === null ? '' : `id ${id}: `}${error.message}; trying again in ${delayMs / 1000} s`;
    observer.notice?.(warning('db_connection', text), id === null ? [] : [id]);
  };
}
