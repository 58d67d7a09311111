import { beforeWork, EXIT, exitCodeOf, summaryBlock, type SummaryPart, type Surroundings } from '@ta/cli-kit';
import { refresh, type Component, type ComponentReport, type RunReport } from '@ta/pipeline';
import { consoleObserver } from './console-observer.ts';
import { fullServerWatch } from './connection-limit.ts';
import { withWritableDatabase, type OpenDatabase } from './writable-database.ts';
import { listenForInterruption, type Interruption } from './interruption.ts';
import { allObservers, errorRecord, historyObserver, logObserver } from './log-observer.ts';
import type { RefreshFlags } from './refresh-flags.ts';
import { distribution, prepareQueue } from './distribution.ts';
import { checkedChoice, DEFAULT_CONCURRENCY, requestOf, type RefreshKind } from './refresh-request.ts';
import { runDocument, type RunFrame } from './report/json.ts';
import { metricsBlock } from './report/metrics.ts';
import { tellBuildSize } from './report/build-size.ts';
import { startBanner } from './report/start-banner.ts';
import { openRunAlerts, type RunAlerts } from './run-alerts.ts';
import { argsOf, type RunRequest } from './run-args.ts';
import { errorText, openRunHistory } from './run-history.ts';
import { logFolder, openRunLog, rotateLogs, type RunLog } from './run-log.ts';
import { openRunTally } from './run-tally.ts';
import { withValidation, type ValidationPart } from './run-validation.ts';

/** Runs one of the refreshing commands from its flags to its summary and exit code. */
export async function runRefresh(surroundings: Surroundings, given: RefreshFlags, kind: RefreshKind): Promise<void> {
  const flags = withLevels(surroundings, given);
  const what = flags.quiet === true ? null : `ta ${kind.command}`;
  await surroundings.during(what, () => refreshWithin(surroundings, flags, kind));
}

async function refreshWithin(surroundings: Surroundings, flags: RefreshFlags, kind: RefreshKind): Promise<void> {
  // with --json, stdout carries one document and nothing else
  const around = audible(flags.json === true ? { ...surroundings, print: surroundings.warn } : surroundings, flags);
  if (flags.dryRun === true) {
    const { dryRun } = await import('./dry-run.ts');
    return dryRun(around, flags, kind, await checkedChoice(around, flags, kind.components));
  }
  const startedAtMs = around.now();
  const log = await openRunLog(around, flags);
  const interruption = listenForInterruption(around.warn);
  const alerts = await openAlerts(around, flags, log);
  try {
    const choice = await checkedChoice(around, flags, kind.components);
    rotateLogs(around, flags);
    const access = {
      dbUrl: flags.dbUrl,
      command: kind.command,
      waitLockSeconds: flags.waitLock,
      concurrency: flags.distribute === true ? 1 : (flags.concurrency ?? DEFAULT_CONCURRENCY),
      shard: choice.shard,
      signal: interruption.signal,
    };
    await withWritableDatabase(around, access, async (open) => {
      alerts.useDatabase(open.database);
      const requested = { components: kind.components, choice, signal: interruption.signal };
      const request = await beforeWork(requestOf(around, flags, requested, open));
      if (flags.distribute === true) await beforeWork(prepareQueue(open));
      const { report, frame } = await recordedRun(around, {
        flags,
        kind,
        open,
        request,
        interruption,
        log,
        alerts,
        startedAtMs,
      });
      if (flags.json === true) surroundings.write(`${JSON.stringify(runDocument(report, frame))}\n`);
      if (frame.exitCode !== EXIT.ok) process.exitCode = frame.exitCode;
    });
  } catch (error) {
    log.logger.fatal({ err: errorRecord(error) }, `${kind.command} FAILED: ${errorText(error)}`);
    alerts.useDatabase(null);
    const exitCode = exitCodeOf(error);
    // no alert for a run that was stopped on purpose, nor for wrong usage at a terminal
    const isKnown = interruption.exitCode() !== undefined || (exitCode === EXIT.usage && around.isTty);
    if (!isKnown) alerts.ended({ kind: 'broken', command: kind.command, exitCode, error });
    await alerts.drain();
    throw interruption.asExit(error);
  } finally {
    interruption.dispose();
    log.close();
  }
}

/** Alerts of this run; on an embedded database they wait for its one connection to be free. */
async function openAlerts(around: Surroundings, flags: RefreshFlags, log: RunLog): Promise<RunAlerts> {
  return openRunAlerts(around, {
    logger: log.logger,
    logFolder: logFolder(around, flags),
    isSilent: flags.alerts === false,
    isEmbedded: await isEmbedded(around, flags),
  });
}

/** Whether the database is an embedded one; false when its URL is invalid. */
async function isEmbedded(around: Surroundings, { dbUrl }: RefreshFlags): Promise<boolean> {
  const { resolveDatabaseTarget } = await import('@ta/state-store');
  try {
    return resolveDatabaseTarget({ dbUrl, env: around.env, workspaceRoot: around.root }).engine === 'pglite';
  } catch {
    return false;
  }
}

/** `--log-level` in terms of `--verbose` and `--quiet`; Nx keeps `--verbose` for itself and sets a variable instead. */
function withLevels(around: Surroundings, flags: RefreshFlags): RefreshFlags {
  const { logLevel, quiet } = flags;
  const isNxVerbose = around.env['NX_VERBOSE_LOGGING'] === 'true' && logLevel === undefined && quiet !== true;
  return {
    ...flags,
    verbose: flags.verbose === true || logLevel === 'trace' || logLevel === 'debug' || isNxVerbose,
    quiet: quiet === true || logLevel === 'warn' || logLevel === 'error',
  };
}

/** What the console shows: nothing below a warning with `--quiet`, nothing below an error with `--log-level error`. */
function audible(around: Surroundings, { quiet, logLevel }: RefreshFlags): Surroundings {
  const silent = [...(quiet === true ? ['[INFO]', 'Database:'] : []), ...(logLevel === 'error' ? ['[WARNING]'] : [])];
  if (silent.length === 0) return around;
  const isHeard = (line: string) => !silent.some((tag) => line.startsWith(tag));
  const warn = (line: string) => void (isHeard(line) && around.warn(line));
  return { ...around, warn, ...(quiet === true ? { during: (_what, work) => work() } : {}) };
}

/** A run that is about to begin. */
interface RunToRecord {
  readonly flags: RefreshFlags;
  readonly kind: RefreshKind;
  readonly open: OpenDatabase;
  readonly request: RunRequest;
  readonly interruption: Interruption;
  readonly log: RunLog;
  readonly alerts: RunAlerts;
  readonly startedAtMs: number;
}

/** Runs the refresh between its first and its last row in the run history. */
async function recordedRun(
  around: Surroundings,
  { flags, kind, open, request, interruption, log, alerts, startedAtMs }: RunToRecord,
): Promise<{ report: RunReport; frame: RunFrame }> {
  const args = argsOf(request, flags.distribute === true ? { isDistributed: true } : {});
  const start = { runId: open.runId, command: kind.command, args, host: around.host, pid: around.pid };
  const previousStatus = await beforeWork(lastStatus(open, args.shard));
  const history = await beforeWork(openRunHistory(open.database, start, around.redact, around.now, around.monotonic));
  alerts.crashed(open.runId, history.crashedRunIds);
  const logger = log.logger.child({ runId: open.runId });
  logger.info({ event: 'run_started', args, database: open.database.target }, `${kind.command} started`);
  for (const runId of history.crashedRunIds) {
    const text = `run ${runId} never ended; marked as crashed`;
    around.warn(`[WARNING] ${text}`);
    logger.warn({ event: 'run_crashed' }, text);
  }
  if (flags.quiet !== true) {
    const idsText = request.ids.length <= 20 ? request.ids.join(',') : `${request.ids.length} ids`;
    startBanner(around, kind.command, { ...request, idsText, hasValidation: flags.validate === true });
    await tellBuildSize(around, open.database, request);
  }
  const hasBars = request.components.includes('bars');
  const tally = openRunTally();
  const alertObserver = alerts.observer(open.runId, request.ids, hasBars);
  const shown = await consoleObserver(around, flags, hasBars);
  const observers = [
    tally.observer,
    historyObserver(history),
    logObserver(logger, request.stalenessHours),
    shown,
    fullServerWatch(around, open),
  ];
  let report: RunReport | null = null;
  let exitCode: number = EXIT.failed;
  let isSummed = false;
  try {
    const observer = allObservers([...observers, alertObserver]);
    const executor = flags.distribute === true ? await distribution(open, observer, interruption) : undefined;
    report = await around.during(shown.at, () =>
      refresh(open.database, { ...request, executor }, observer, around.monotonic),
    );
    let validation: ValidationPart | null = null;
    if (flags.validate === true) {
      const run = { database: open.database, request, report, logger, raise: alerts.raise };
      const told = { observer: allObservers(observers), alerts: alertObserver };
      ({ report, validation } = await withValidation(around, flags, { ...run, ...told }));
    }
    exitCode = interruption.exitCode() ?? exitCodeOfReport(report);
    if (!isBySignal(exitCode)) alerts.ended({ kind: 'finished', report, isOk: exitCode === EXIT.ok, previousStatus });
    const settled = await alerts.drain();
    const summary = summaryText(report, kind, isBySignal(exitCode));
    interruption.settle();
    if (flags.quiet !== true) around.print(`\n${metricsBlock(report, tally)}\n`);
    around.print(summary);
    isSummed = true;
    const common = { exitCode, startedAtMs, asOfMs: request.nowMs, args, tally, alerts: settled, validation };
    const frame = { ...common, finishedAtMs: around.now() };
    logger.info({ event: 'run_summary', exitCode, summary: runDocument(report, frame) }, 'run summary');
    for (const line of summary.split('\n').filter((text) => text !== '')) logger.info(line);
    return { report, frame };
  } finally {
    // a signal after the summary has no effect on the result
    const isInterrupted = isSummed ? isBySignal(exitCode) : interruption.exitCode() !== undefined;
    const status = isInterrupted ? 'interrupted' : exitCode === EXIT.ok ? 'ok' : 'failed';
    const unrecorded = await history.finish(status, exitCode, report);
    if (unrecorded !== null) around.warn(`[WARNING] The run history could not be written: ${errorText(unrecorded)}`);
  }
}

function isBySignal(exitCode: number): boolean {
  return exitCode === EXIT.interrupted || exitCode === EXIT.terminated;
}

/** The status of the run before this one, for a shard of the run of the same shard; null when there was none. */
async function lastStatus(open: OpenDatabase, shard: string | undefined): Promise<string | null> {
  const { readLatestRun } = await import('@ta/state-store');
  const shards = shard === undefined ? undefined : [shard];
  return (await open.database.session((session) => readLatestRun(session, { shards })))?.status ?? null;
}

function exitCodeOfReport(report: RunReport): number {
  return report.components.some((component) => component.status === 'failed') ? EXIT.failed : EXIT.ok;
}

/** The closing block, after a line that says why EMAs did not run. */
function summaryText(report: RunReport, kind: RefreshKind, isInterrupted: boolean): string {
  const statusOf = (name: Component) => report.components.find((part) => part.component === name)?.status;
  const stopped = statusOf('bars') === 'failed' && statusOf('emas') === 'skipped';
  const parts = kind.noun === 'component' ? report.components.map(componentPart) : stepParts(report.components);
  const block = summaryBlock(kind.title, kind.noun, parts);
  if (isInterrupted) return `${INTERRUPTED}\n\n${block}`;
  return stopped ? `${STOPPED}\n\n${block}` : block;
}

const INTERRUPTED = '[STOPPED] Interrupted; unfinished work is rolled back, and the next run repeats it';
const STOPPED = '[STOPPED] Bar builders failed; EMAs not run (use --continue-on-error to continue)';

function componentPart(report: ComponentReport): SummaryPart {
  return { name: report.component, status: report.status, seconds: report.seconds, note: report.note };
}

/** Steps of a single-component command. A component that failed before its first step is shown by itself. */
function stepParts(components: readonly ComponentReport[]): SummaryPart[] {
  return components.flatMap((component) => {
    if (component.steps.length === 0) return [componentPart(component)];
    return component.steps.map((step): SummaryPart => {
      const ids = step.errors.map((error) => error.id).sort((a, b) => a - b);
      const note = ids.length === 0 ? step.note : `${ids.length} IDs failed: [${ids.join(', ')}]`;
      const status = step.status === 'up_to_date' ? 'ok' : step.status;
      return { name: step.step, status, seconds: step.busySeconds, note };
    });
  });
}
