import { banner, DAY_MS } from '@ta/cli-kit';
import type { Surroundings } from '@ta/cli-kit';
import type { AlertEvent } from '@ta/alerts';
import type { ComponentReport, RefreshObserver, RefreshRequest, RunReport } from '@ta/pipeline';
import type { Database } from '@ta/state-store';
import type { RefreshValidationOutcome, ValidationRequest } from '@ta/validation';
import type { Logger } from 'pino';
import { errorRecord } from './log-observer.ts';
import type { RefreshFlags } from './refresh-flags.ts';

/** Seconds a validation may take (docs/operations.md#commands). */
const TIMEOUT_SECONDS = 1800;
/** Findings shown on the console; the log file has as many, `validator check` all. */
const SHOWN = 10;

type ValidationChoice = Partial<ValidationRequest> & Pick<ValidationRequest, 'asOfTs'>;

/** What the validation needs from its run. */
export interface ValidatedRun {
  readonly database: Database;
  readonly request: RefreshRequest;
  readonly report: RunReport;
  readonly logger: Logger;
  /** Notified when the component ends. */
  readonly observer: RefreshObserver;
  /** Notified when the validation itself failed; findings raise a separate alert. */
  readonly alerts: RefreshObserver;
  raise(event: AlertEvent): void;
}

/** The validation as a part of the run's document (docs/operations.md#logs). */
export interface ValidationPart {
  readonly isPassed: boolean;
  readonly findings: number;
  /** By severity in lower case, so that a record without problems does not contain the word ERROR. */
  readonly bySeverity: Readonly<Record<string, number>>;
  readonly failedChecks: readonly string[];
}

/**
 * Validates what a refresh has stored as its last component: fast profile, the ids of the run, its clock
 * (docs/operations.md#commands). It is skipped when an earlier component failed, unless the run continues after failures.
 */
export async function withValidation(
  around: Surroundings,
  flags: RefreshFlags,
  run: ValidatedRun,
): Promise<{ report: RunReport; validation: ValidationPart | null }> {
  const { request } = run;
  const isStopped =
    request.signal?.aborted === true ||
    (!request.continueOnError && run.report.components.some(({ status }) => status === 'failed'));
  if (isStopped) {
    const skipped = { status: 'skipped', seconds: 0, note: 'an earlier component failed' } as const;
    return { report: await finish(run, skipped, null), validation: null };
  }
  if (flags.quiet !== true) around.print(banner('RUNNING VALIDATION'));
  const outcome = await validated(around, flags, run);
  tell(around, flags, run.logger, outcome);
  if (outcome.event !== null) run.raise(outcome.event);
  const { status, seconds, note, isTimedOut, result } = outcome;
  const report = await finish(run, { status, seconds, isTimedOut, ...(note === undefined ? {} : { note }) }, outcome);
  if (result === null) return { report, validation: null };
  const failedChecks = result.checks.filter((check) => check.status === 'FAIL').map(({ check }) => check.id);
  const { isPassed, findings } = result;
  const bySeverity = Object.fromEntries(Object.entries(result.bySeverity).map(([name, n]) => [name.toLowerCase(), n]));
  return { report, validation: { isPassed, findings, bySeverity, failedChecks } };
}

/** The seed of the sample of a run's validation, by its clock, epoch ms. */
export function sampleSeed(nowMs: number): number {
  return Math.floor(nowMs / DAY_MS);
}

/** What the validation of a run looks at: what is new, and a sample that is another one every day, since it runs every night. */
export function validationChoice(
  flags: Partial<Pick<RefreshFlags, 'ids' | 'shard' | 'resume'>>,
  request: RefreshRequest,
): ValidationChoice {
  const isAll = [flags.ids ?? 'all'].flat().every((text) => text.trim().toLowerCase() === 'all');
  const isEverything = isAll && flags.shard === undefined && flags.resume === undefined;
  return {
    profile: 'fast',
    seed: sampleSeed(request.nowMs),
    ids: isEverything ? null : request.ids,
    asOfTs: request.nowMs,
    stalenessHours: request.stalenessHours,
    // with --skip-stale-check the age of the bars is not reported
    skipChecks: request.skipStaleCheck ? ['B09'] : [],
    // the transaction of the validation uses one more connection
    concurrency: Math.max(1, request.concurrency - 1),
  };
}

async function validated(
  around: Surroundings,
  flags: RefreshFlags,
  { database, request }: ValidatedRun,
): Promise<RefreshValidationOutcome> {
  const { tableReport, validateRefresh, ValidationPlace, validationRequest } = await import('@ta/validation');
  const validation = validationRequest(validationChoice(flags, request));
  const table = flags.verbose === true ? tableReport((text) => around.print(text.trimEnd()), { limit: 0 }) : null;
  const place = new ValidationPlace();
  const validate = () =>
    validateRefresh(
      database,
      {
        request: validation,
        runId: request.settings.runId,
        timeoutMs: TIMEOUT_SECONDS * 1000,
        isStrict: request.failOnRejects?.emas === true,
        limit: SHOWN,
        signal: request.signal,
      },
      {
        checkStarted: (check) => place.checkStarted(check),
        assetsDone(of, done, total) {
          place.assetsDone(of, done, total);
          around.look();
        },
        checkFinished: (check) => table?.checkFinished(check),
      },
      around.monotonic,
    );
  return around.during(() => `validation, ${place.text}`, validate);
}

/** Reports the outcome: each problem with its place and severity, and what to do. */
function tell(around: Surroundings, flags: RefreshFlags, logger: Logger, outcome: RefreshValidationOutcome): void {
  const { result, findings, note, status, error } = outcome;
  const tag = status === 'failed' ? '[FAILED]' : '[WARNING]';
  if (result === null) {
    around.warn(`${outcome.isTimedOut ? '[TIMEOUT]' : '[FAILED]'} validation: ${note}`);
    logger.error({ component: 'validation', err: errorRecord(error) }, `validation FAILED: ${note}`);
    return;
  }
  const bad = findings.worstFirst().filter(({ severity }) => severity === 'ERROR' || severity === 'CRITICAL');
  const lines = bad.slice(0, SHOWN).map((f) => `[${f.severity}] ${f.check} ${f.table}: ${f.message}`);
  const { CRITICAL = 0, ERROR = 0, WARNING = 0 } = result.bySeverity;
  // severities in lower case, so that searching the output of a successful run for ERROR finds nothing
  const sums = `${result.checks.length} checks, findings: ${CRITICAL} critical, ${ERROR} error, ${WARNING} warning`;
  const event = 'validation_finished';
  const { seed } = result.request;
  if (result.isPassed) {
    if (flags.quiet !== true) around.print(`[OK] Validation passed: ${sums}`);
    logger.info({ event, component: 'validation', findings: result.findings, seed }, 'validation passed');
    return;
  }
  around.warn(`${tag} Validation failed: ${note}; ${sums}`);
  for (const line of lines) around.warn(`  ${line}`);
  const more = CRITICAL + ERROR - lines.length;
  if (more > 0) around.warn(`  … and ${more} more`);
  around.warn('  All findings: validator check   (what a check means: validator check --explain ID)');
  const facts = { event: 'validation_failed', component: 'validation', findings: lines, seed };
  logger.error(facts, `validation FAILED: ${note}`);
}

async function finish(
  { report, observer, alerts }: ValidatedRun,
  ended: Omit<ComponentReport, 'component' | 'steps'>,
  outcome: RefreshValidationOutcome | null,
): Promise<RunReport> {
  const component: ComponentReport = { component: 'validation', steps: [], ...ended };
  await observer.componentFinished?.(component);
  if (outcome !== null && outcome.result === null) await alerts.componentFinished?.(component);
  return { ...report, components: [...report.components, component] };
}
