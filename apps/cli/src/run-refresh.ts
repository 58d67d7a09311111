import { banner, EXIT, summaryBlock, type SummaryPart } from '@ta/cli-kit';
import { errorText, type Component, type ComponentReport, type RefreshRequest, type RunReport } from '@ta/pipeline';
import { retentionDays } from './commands/logs.ts';
import type { Surroundings } from './compose.ts';
import { consoleObserver } from './console-observer.ts';
import { withWritableDatabase, type OpenDatabase } from './database-access.ts';
import { listenForInterruption, type Interruption } from './interruption.ts';
import { allObservers, errorRecord, historyObserver, logObserver } from './log-observer.ts';
import { cleanLogs } from './log-retention.ts';
import type { RefreshFlags } from './refresh-flags.ts';
import { checkedChoice, DEFAULT_CONCURRENCY, requestOf } from './refresh-request.ts';
import { runDocument } from './report/json.ts';
import { metricsBlock } from './report/metrics.ts';
import type { RunArgs } from './run-args.ts';
import { localDate, logFolder, openRunLog, type RunLog } from './run-log.ts';

/** Which command runs, and how its summary is headed. */
export interface RefreshKind {
  readonly command: 'refresh' | 'bars' | 'emas';
  readonly title: string;
  readonly noun: 'component' | 'builder' | 'refresher';
  readonly components: readonly Component[];
}

/** Runs one of the refreshing commands from its flags to its summary and exit code. */
export async function runRefresh(surroundings: Surroundings, flags: RefreshFlags, kind: RefreshKind): Promise<void> {
  // with --json, stdout carries one document and nothing else
  const around = flags.json === true ? { ...surroundings, print: surroundings.warn } : surroundings;
  const choice = await checkedChoice(around, flags, kind.components);
  cleanLogs(logFolder(around, flags), localDate(around.now()), retentionDays(around));
  const log = await openRunLog(around, flags);
  const interruption = listenForInterruption(around.warn);
  const access = {
    dbUrl: flags.dbUrl,
    command: kind.command,
    waitLockSeconds: flags.waitLock,
    poolSize: (flags.concurrency ?? DEFAULT_CONCURRENCY) + 2,
  };
  try {
    await withWritableDatabase(around, access, async (open) => {
      const request = await requestOf(around, flags, kind.components, choice, open, interruption.signal);
      const { report, exitCode } = await recordedRun(around, flags, kind, open, request, interruption, log);
      if (flags.json === true) surroundings.print(JSON.stringify(runDocument(report, exitCode)));
      if (exitCode !== EXIT.ok) process.exitCode = exitCode;
    });
  } catch (error) {
    log.logger.fatal({ err: errorRecord(error) }, `${kind.command} FAILED: ${errorText(error)}`);
    throw error;
  } finally {
    interruption.dispose();
    log.close();
  }
}

/** Runs the refresh between its first and its last row in the run history. */
async function recordedRun(
  around: Surroundings,
  flags: RefreshFlags,
  kind: RefreshKind,
  open: OpenDatabase,
  request: RefreshRequest,
  interruption: Interruption,
  log: RunLog,
): Promise<{ report: RunReport; exitCode: number }> {
  const { openRunHistory, refresh } = await import('@ta/pipeline');
  const args = argsOf(request);
  const start = { runId: open.runId, command: kind.command, args, host: around.host, pid: around.pid };
  const history = await openRunHistory(open.database, start, around.redact, around.now, around.monotonic);
  const logger = log.logger.child({ runId: open.runId });
  logger.info({ event: 'run_started', args, database: open.database.target }, `${kind.command} started`);
  for (const runId of history.crashedRunIds) {
    const text = `run ${runId} never ended; marked as crashed`;
    around.warn(`[WARNING] ${text}`);
    logger.warn({ event: 'run_crashed' }, text);
  }
  if (flags.quiet !== true) startBanner(around, request, kind);
  const observer = allObservers([historyObserver(history), logObserver(logger), consoleObserver(around, flags)]);
  let report: RunReport | null = null;
  let exitCode: number = EXIT.failed;
  try {
    report = await refresh(open.database, request, observer, around.monotonic);
    exitCode = interruption.exitCode() ?? exitCodeOf(report);
    const summary = summaryText(report, kind);
    if (flags.quiet !== true) around.print(`\n${metricsBlock(report)}\n`);
    around.print(summary);
    logger.info({ event: 'run_summary', exitCode, summary: runDocument(report, exitCode) }, 'run summary');
    for (const line of summary.split('\n').filter((text) => text !== '')) logger.info(line);
    return { report, exitCode };
  } finally {
    const status = interruption.exitCode() !== undefined ? 'interrupted' : exitCode === EXIT.ok ? 'ok' : 'failed';
    await history.finish({ status, exitCode, report });
  }
}

/** What the run was asked to do, as stored in `ops_runs.args` and read back by `--resume`. */
function argsOf(request: RefreshRequest): RunArgs {
  const { components, builders, refreshers, ids, settings, nowMs, emaTables } = request;
  return {
    components,
    builders,
    refreshers,
    emaTables: emaTables === undefined ? null : [...emaTables],
    ids,
    zone: settings.zone,
    periods: settings.periods,
    fullRebuild: settings.fullRebuild,
    asOf: new Date(nowMs).toISOString(),
  };
}

function exitCodeOf(report: RunReport): number {
  return report.components.some((component) => component.status === 'failed') ? EXIT.failed : EXIT.ok;
}

function startBanner(around: Surroundings, request: RefreshRequest, kind: RefreshKind): void {
  const names = request.components.map((component) => (component === 'emas' ? 'EMAs' : component));
  around.print(banner(kind.command === 'refresh' ? 'DAILY REFRESH ORCHESTRATOR' : `RUN ${kind.command.toUpperCase()}`));
  around.print(`Components: ${names.join(' + ')}`);
  around.print(`IDs: ${request.ids.length <= 20 ? request.ids.join(',') : `${request.ids.length} ids`}`);
  around.print(`Continue on error: ${request.continueOnError}`);
  around.print(`Bar staleness threshold: ${request.stalenessHours.toFixed(1)} hours\n`);
}

/** The closing block, after a line that says why EMAs did not run. */
function summaryText(report: RunReport, kind: RefreshKind): string {
  const statusOf = (name: Component) => report.components.find((part) => part.component === name)?.status;
  const stopped = statusOf('bars') === 'failed' && statusOf('emas') === 'skipped';
  const parts = kind.noun === 'component' ? report.components.map(componentPart) : stepParts(report.components);
  const block = summaryBlock(kind.title, kind.noun, parts);
  return stopped ? `${STOPPED}\n\n${block}` : block;
}

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
      const note = ids.length === 0 ? undefined : `${ids.length} IDs failed: [${ids.join(', ')}]`;
      const status = step.status === 'up_to_date' ? 'ok' : step.status;
      return { name: step.step, status, seconds: step.busySeconds, note };
    });
  });
}
