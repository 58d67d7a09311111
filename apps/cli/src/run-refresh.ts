import { banner, CliError, EXIT, formatIds, parseIds, selectNames, summaryBlock, type SummaryPart } from '@ta/cli-kit';
import type {
  Component,
  ComponentReport,
  EmaSource,
  FreshnessResult,
  ItemOutcome,
  RefreshObserver,
  RefreshRequest,
  RunHistory,
  RunReport,
} from '@ta/pipeline';
import type { Surroundings } from './compose.ts';
import { withWritableDatabase, type OpenDatabase } from './database-access.ts';
import { listenForInterruption, type Interruption } from './interruption.ts';
import { assertNumber, listOf, parseAsOf, parsePeriods, STALENESS_HOURS, type RefreshFlags } from './refresh-flags.ts';
import { runDocument } from './report/json.ts';
import { metricsBlock } from './report/metrics.ts';
import { itemProgress, type Progress } from './report/progress.ts';
import { isRunArgs, type RunArgs } from './run-args.ts';

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
  const choice = await checkedChoice(around, flags, kind);
  const access = {
    dbUrl: flags.dbUrl,
    command: kind.command,
    waitLockSeconds: flags.waitLock,
    poolSize: (flags.concurrency ?? DEFAULT_CONCURRENCY) + 2,
  };
  const interruption = listenForInterruption(around.warn);
  try {
    await withWritableDatabase(around, access, async (open) => {
      const request = await requestOf(around, flags, kind, choice, open, interruption.signal);
      const { report, exitCode } = await recordedRun(around, flags, kind, open, request, interruption);
      if (flags.json === true) surroundings.print(JSON.stringify(runDocument(report, exitCode)));
      if (exitCode !== EXIT.ok) process.exitCode = exitCode;
    });
  } finally {
    interruption.dispose();
  }
}

const DEFAULT_CONCURRENCY = 4;

/** Runs the refresh between its first and its last row in the run history. */
async function recordedRun(
  around: Surroundings,
  flags: RefreshFlags,
  kind: RefreshKind,
  open: OpenDatabase,
  request: RefreshRequest,
  interruption: Interruption,
): Promise<{ report: RunReport; exitCode: number }> {
  const { openRunHistory, refresh } = await import('@ta/pipeline');
  const history = await openRunHistory(
    open.database,
    { runId: open.runId, command: kind.command, args: argsOf(request), host: around.host, pid: around.pid },
    around.redact,
    around.now,
  );
  for (const runId of history.crashedRunIds) around.warn(`[WARNING] run ${runId} never ended; marked as crashed`);
  if (flags.quiet !== true) startBanner(around, request, kind);
  let report: RunReport | null = null;
  let exitCode: number = EXIT.failed;
  try {
    report = await refresh(open.database, request, consoleObserver(around, flags, history), around.monotonic);
    exitCode = interruption.exitCode() ?? exitCodeOf(report);
    printSummary(around, report, kind, flags);
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

/** Everything that can be judged before the database is opened. */
async function checkedChoice(around: Surroundings, flags: RefreshFlags, kind: RefreshKind) {
  const { BUILDERS, REFRESHERS } = await import('@ta/pipeline');
  const { civilDayOfInstant } = await import('@ta/bars-core');
  const ids = parseIds(listOf(flags.ids));
  const builders = selectNames(
    BUILDERS,
    { only: listOf(flags.builders), skip: listOf(flags.skip) },
    { only: '--builders', skip: '--skip', noun: 'builders' },
  );
  const refreshers = selectNames(
    REFRESHERS,
    { only: listOf(flags.only) },
    { only: '--only', skip: '--skip', noun: 'refreshers' },
  );
  if (flags.concurrency !== undefined) {
    assertNumber(
      'concurrency',
      flags.concurrency,
      (n) => Number.isInteger(n) && n >= 1 && n <= 32,
      'a whole number from 1 to 32',
    );
  }
  assertNumber(
    'lookback-days',
    flags.lookbackDays,
    (n) => Number.isInteger(n) && n >= 0,
    'a whole number of at least 0',
  );
  assertNumber('wait-lock', flags.waitLock, (n) => Number.isFinite(n) && n >= 0, 'seconds, 0 or more');
  const hours = flags.stalenessHours ?? STALENESS_HOURS;
  assertNumber('staleness-hours', hours, (n) => Number.isFinite(n) && n > 0, 'hours above 0');
  civilDayOfInstant(flags.tz);
  if (flags.skipStaleCheck === true && !kind.components.includes('emas')) {
    around.warn('[WARNING] --skip-stale-check has no effect without EMAs');
  } else if (flags.skipStaleCheck === true && flags.stalenessHours !== undefined) {
    around.warn('[WARNING] --staleness-hours is ignored with --skip-stale-check');
  }
  const asOf = flags.asOf ?? around.env['REFRESH_AS_OF'];
  return {
    ids,
    builders,
    refreshers,
    stalenessHours: hours,
    periods: parsePeriods(listOf(flags.periods)),
    nowMs: asOf === undefined ? around.now() : parseAsOf(asOf),
  };
}

async function requestOf(
  around: Surroundings,
  flags: RefreshFlags,
  kind: RefreshKind,
  choice: Awaited<ReturnType<typeof checkedChoice>>,
  open: OpenDatabase,
  signal: AbortSignal,
): Promise<RefreshRequest> {
  const { loadSettings } = await import('@ta/pipeline');
  const resumed = flags.resume === undefined ? null : await runToResume(around, flags.resume, open);
  const ids = resumed?.ids ?? (await expandIds(around, choice.ids, flags, open));
  const settings = await open.database.session((session) =>
    loadSettings(session, {
      runId: open.runId,
      zone: flags.tz,
      periods: choice.periods,
      fullRebuild: flags.fullRebuild,
      lookbackDays: flags.lookbackDays,
      onBackfill: flags.onBackfill,
    }),
  );
  if (flags.fullRebuild) around.warn(`[WARNING] Full rebuild processes entire history for ${ids.length} id(s)`);
  return {
    components: resumed?.components ?? kind.components,
    builders: resumed?.builders ?? choice.builders,
    refreshers: resumed?.refreshers ?? choice.refreshers,
    emaTables: resumed === null ? schemeTables(flags) : (resumed.emaTables ?? undefined) && new Set(resumed.emaTables),
    ids,
    settings,
    nowMs: choice.nowMs,
    stalenessHours: choice.stalenessHours,
    skipStaleCheck: flags.skipStaleCheck === true,
    continueOnError: flags.continueOnError,
    concurrency: open.database.engine === 'pglite' ? 1 : (flags.concurrency ?? DEFAULT_CONCURRENCY),
    signal,
  };
}

/**
 * The selection of an earlier run: what it finished is up to date and costs nothing, so only the rest is done.
 *
 * @param runId id of the run; empty for the latest one that did not succeed
 */
async function runToResume(around: Surroundings, runId: string, open: OpenDatabase): Promise<RunArgs> {
  const { listRuns, showRun } = await import('@ta/state-store');
  const run = await open.database.session(async (session) => {
    if (runId !== '') return (await showRun(session, runId))?.run;
    const runs = await listRuns(session, 1000);
    return runs.find(({ status, args }) => status !== 'ok' && status !== 'running' && isRunArgs(args));
  });
  if (run === undefined || !isRunArgs(run.args)) {
    throw new CliError(
      'CLI_NOTHING_TO_RESUME',
      runId === '' ? 'There is no failed run to resume' : `There is no run "${runId}"`,
      {
        hint: 'See: ta runs list',
      },
    );
  }
  around.warn(`[INFO] Resuming run ${run.runId} (${run.status}, started ${run.startedAt.toISOString()})`);
  return run.args;
}

/** EMA tables left by `--cal-scheme` and `--anchor-scheme`; undefined when both are `both`. */
function schemeTables(flags: RefreshFlags): ReadonlySet<EmaSource['table']> | undefined {
  const of = (scheme: string | undefined) => (scheme === undefined || scheme === 'both' ? ['us', 'iso'] : [scheme]);
  const tables = [
    'multi_tf',
    ...of(flags.calScheme).map((scheme) => `multi_tf_cal_${scheme}`),
    ...of(flags.anchorScheme).map((scheme) => `multi_tf_cal_anchor_${scheme}`),
    'multi_tf_v2',
  ] as EmaSource['table'][];
  return tables.length === 6 ? undefined : new Set(tables);
}

/** Ids of the run, ascending (operations.md 1.4 rules 1, 5 and 6). */
async function expandIds(
  around: Surroundings,
  selection: ReturnType<typeof parseIds>,
  flags: RefreshFlags,
  open: OpenDatabase,
): Promise<readonly number[]> {
  const { readAssets } = await import('@ta/state-store');
  const assets = await open.database.session((session) => readAssets(session));
  if (selection.kind === 'all') {
    const active = assets.filter((asset) => asset.isActive).map((asset) => asset.id);
    if (active.length > 0) return active;
    throw new CliError('CLI_NO_ASSETS', 'No active assets in dim_assets', {
      exitCode: EXIT.failed,
      hint: 'Import prices first: ta import csv FILE --id N',
    });
  }
  if (selection.duplicates.length > 0) around.warn(`[INFO] Duplicate ids ignored: ${formatIds(selection.duplicates)}`);
  const known = new Set(assets.map((asset) => asset.id));
  const unknown = selection.ids.filter((id) => !known.has(id));
  const left = selection.ids.filter((id) => known.has(id));
  if (unknown.length === 0) return left;
  const text = `Unknown asset ids: ${formatIds(unknown)} (not in dim_assets)`;
  if (!flags.allowUnknownIds || left.length === 0) {
    throw new CliError('CLI_UNKNOWN_IDS', text, {
      hint: 'Add the asset to dim_assets (ta import csv does), or pass --allow-unknown-ids to drop unknown ids.',
    });
  }
  around.warn(`[WARNING] ${text}; dropped`);
  return left;
}

function startBanner(around: Surroundings, request: RefreshRequest, kind: RefreshKind): void {
  const names = request.components.map((component) => (component === 'emas' ? 'EMAs' : component));
  around.print(banner(kind.command === 'refresh' ? 'DAILY REFRESH ORCHESTRATOR' : `RUN ${kind.command.toUpperCase()}`));
  around.print(`Components: ${names.join(' + ')}`);
  around.print(`IDs: ${request.ids.length <= 20 ? request.ids.join(',') : `${request.ids.length} ids`}`);
  around.print(`Continue on error: ${request.continueOnError}`);
  around.print(`Bar staleness threshold: ${request.stalenessHours.toFixed(1)} hours\n`);
}

/** Prints what happens: banners, the freshness gate, notices, and with `--verbose` a line per item. */
function consoleObserver(around: Surroundings, flags: RefreshFlags, history: RunHistory): RefreshObserver {
  let progress: Progress<number> | undefined;
  let steps = new Map<number, number>();
  let finished = 0;
  return {
    async componentStarted(component: Component, ids: readonly number[]) {
      if (!flags.quiet) around.print(banner(component === 'bars' ? 'RUNNING BAR BUILDERS' : 'RUNNING EMA REFRESHERS'));
      finished = 0;
      steps = new Map();
      if (!flags.verbose && !flags.quiet) progress = await itemProgress(around, component, ids.length);
    },
    async componentFinished() {
      progress?.stop();
      progress = undefined;
      await history.flush();
    },
    freshnessChecked: (result) => printFreshness(around, result, flags),
    itemFinished(outcome) {
      history.add(outcome);
      if (outcome.status === 'failed') around.warn(failureLine(outcome));
      else if (flags.verbose) around.print(itemLine(outcome));
      if (!steps.has(outcome.id)) progress?.update(++finished);
      steps.set(outcome.id, (steps.get(outcome.id) ?? 0) + 1);
    },
    notice: (notice) => {
      if (notice.level !== 'info' || !flags.quiet) around.warn(`[${notice.level.toUpperCase()}] ${notice.text}`);
    },
  };
}

function printFreshness(around: Surroundings, result: FreshnessResult, flags: RefreshFlags): void {
  if (!flags.quiet) around.print(banner('CHECKING BAR FRESHNESS'));
  for (const id of result.future) around.warn(`[WARNING] id ${id}: last_src_ts in the future`);
  if (result.stale.length === 0) {
    if (!flags.quiet) around.print(`[OK] All ${result.fresh.length} ID(s) have fresh bars`);
    return;
  }
  around.print(`[WARNING] Bars stale for IDs: ${formatIds(result.stale.map(({ id }) => id))}`);
  const shown = flags.verbose ? result.stale : result.stale.slice(0, 20);
  for (const { id, reason, lastSourceTs, ageHours } of shown) {
    const last = lastSourceTs === null ? 'never' : new Date(lastSourceTs).toISOString();
    around.print(`  ${id}: ${last}, ${ageHours === null ? '-' : ageHours.toFixed(1)} h, ${reason}`);
  }
  around.print('[INFO] Run with --all to refresh bars first, or pass --skip-stale-check if intended');
  around.print(`[INFO] Running EMAs for ${result.fresh.length} ID(s) with fresh bars`);
}

function itemLine(outcome: ItemOutcome): string {
  const { rows } = outcome;
  const counts =
    outcome.status === 'ok' ? ` ${rows.written} written, ${rows.deleted} deleted, ${rows.rejected} rejected` : '';
  return `  ${outcome.component}/${outcome.step} id ${outcome.id}: ${outcome.status}${counts} (${(outcome.durationMs / 1000).toFixed(2)}s)`;
}

function failureLine(outcome: ItemOutcome): string {
  const message = outcome.error instanceof Error ? outcome.error.message : String(outcome.error);
  return `[ERROR] ${outcome.component}/${outcome.step} FAILED for id ${outcome.id}: ${message}`;
}

function printSummary(around: Surroundings, report: RunReport, kind: RefreshKind, flags: RefreshFlags): void {
  const bars = report.components.find((component) => component.component === 'bars');
  const emas = report.components.find((component) => component.component === 'emas');
  if (bars?.status === 'failed' && emas?.status === 'skipped') {
    around.print('[STOPPED] Bar builders failed; EMAs not run (use --continue-on-error to continue)');
  }
  if (!flags.quiet) around.print(`\n${metricsBlock(report)}\n`);
  const parts = kind.noun === 'component' ? report.components.map(componentPart) : stepParts(report.components);
  around.print(summaryBlock(kind.title, kind.noun, parts));
}

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
