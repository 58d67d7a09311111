import { StoreError, type Database } from '@ta/state-store';
import { scopeOf, type Check } from './check.ts';
import { DAILY_TABLE } from './checks/table-names.ts';
import { openCheckContext, type CheckContext } from './check-context.ts';
import { ValidationError } from './errors.ts';
import { toFinding, type Finding, type Found } from './finding.ts';
import { PassTimes, spendOn } from './pass-times.ts';
import { selectChecks } from './registry.ts';
import type { ValidationRequest } from './request.ts';
import { allRows } from './sql/json-rows.ts';
import { isAtLeast, SEVERITIES, worstOf, type Severity } from './severity.ts';

/** The result of one check. */
export interface CheckResult {
  readonly check: Check;
  /** The selected tables it judges. */
  readonly tables: readonly string[];
  /** FAIL when a finding is as bad as `failOn` or worse; SKIPPED when there was nothing to judge. */
  readonly status: 'PASS' | 'FAIL' | 'SKIPPED';
  readonly findings: number;
  readonly bySeverity: Readonly<Record<Severity, number>>;
  readonly worst: Severity | null;
  /** Why it was skipped. */
  readonly reason: string | null;
  readonly durationMs: number;
}

/** The result of a validation. */
export interface ValidationResult {
  readonly request: ValidationRequest;
  readonly isPassed: boolean;
  readonly checks: readonly CheckResult[];
  readonly findings: number;
  readonly bySeverity: Readonly<Record<Severity, number>>;
  /** Findings about missing rows or days, and about surplus rows, as far as checks distinguish them. */
  readonly gaps: number;
  readonly duplicates: number;
}

/** How many checks ended in which way. */
export function statusCounts({ checks }: ValidationResult) {
  const count = (status: CheckResult['status']) => checks.filter((check) => check.status === status).length;
  return { passed: count('PASS'), failed: count('FAIL'), skipped: count('SKIPPED') };
}
export type StatusCounts = ReturnType<typeof statusCounts>;

/** The checks with a finding of `failOn` or worse; one that was skipped since its tables lack what they should have, too. */
export function failedChecks(checks: readonly CheckResult[], failOn: Severity): CheckResult[] {
  return checks.filter(({ worst }) => isFailing(worst, failOn));
}

/** Whether a check with this worst finding fails a validation. */
function isFailing(worst: Severity | null, failOn: Severity): boolean {
  return worst !== null && isAtLeast(worst, failOn);
}

/** Notified of findings as they are found. Must not throw. */
export interface ValidationObserver {
  checkStarted?(check: Check): void;
  /** Called at the beginning of a table and after each of its assets. */
  assetsDone?(table: string, done: number, total: number): void;
  finding?(finding: Finding): void;
  checkFinished?(result: CheckResult): void;
}

/** What a validation does besides its checks. */
export interface ValidationExtras {
  /** Ends the validation, which then throws the signal's reason. It is tested between checks, findings and pieces of work. */
  readonly signal?: AbortSignal;
  /** Milliseconds left: longer statements are cancelled by the server (PostgreSQL). */
  remainingMs?(): number;
  /** Called when all checks are done, in the same snapshot. */
  afterChecks?(context: CheckContext): Promise<void>;
}

/**
 * Runs the selected checks in one read-only transaction that sees one snapshot of the database; findings are passed on as
 * they come and not kept. A check that fails by itself is a finding of that check and the others still run.
 *
 * @param monotonicMs clock for durations, milliseconds
 * @throws StoreError when the database cannot be used; ValidationError for a request that selects no check; the reason of
 * an aborted signal
 */
export async function runChecks(
  database: Database,
  request: ValidationRequest,
  observer: ValidationObserver,
  monotonicMs: () => number,
  extras: ValidationExtras = {},
): Promise<ValidationResult> {
  const checks = selectChecks(request);
  return database.transaction(
    async (tx) => {
      const selected = new Set(checks.map(({ id }) => id));
      const context = await openCheckContext(database, tx, request, {
        checks: selected,
        passTimes: new PassTimes(monotonicMs),
        limits: { ...extras, assetsDone: (table, done, total) => observer.assetsDone?.(table, done, total) },
      });
      if (context.emaTables.length === 0 && checks.every((check) => scopeOf(check) === 'emas')) {
        throw new ValidationError('VALIDATION_BAD_OPTION', 'families: no selected family has EMAs', {
          hint: 'Leave --families out, or name checks of bars.',
        });
      }
      const totals = new Totals();
      const results: CheckResult[] = [];
      const spent = spendOn([...selected]);
      for (const check of checks) {
        context.assertGoesOn();
        await context.limitToTimeLeft(tx);
        observer.checkStarted?.(check);
        const startedMs = monotonicMs();
        const tally = await runOne(context, check, (finding) => {
          totals.add(finding);
          observer.finding?.(finding);
        });
        const durationMs = spent(check.id, monotonicMs() - startedMs, context.passTimes.take());
        const result: CheckResult = { check, ...tally, durationMs };
        results.push(result);
        observer.checkFinished?.(result);
      }
      await extras.afterChecks?.(context);
      const { findings } = totals.sums();
      const isWorthless =
        results.every(({ status }) => status === 'SKIPPED') || (findings === 0 && !(await hasDays(context)));
      const isPassed = !isWorthless && failedChecks(results, request.failOn).length === 0;
      return { request, isPassed, checks: results, ...totals.sums() };
    },
    { readOnly: true, isolation: 'repeatable read' },
  );
}

/** Whether there is a source row or a daily bar in the time that was asked for; true for all of time. */
async function hasDays({ session, request, rows }: CheckContext): Promise<boolean> {
  if (request.fromTs === -Infinity && request.untilTs === Infinity) return true;
  // each table is queried by itself, since the two may be on different servers
  for (const from of [rows.source(), rows.daily()]) {
    if ((await allRows(session, `SELECT 1 AS n FROM ${from} x LIMIT 1`)).length > 0) return true;
  }
  return false;
}

/** The advice for findings about ids that no refresh builds. */
const OF_NO_ASSET =
  'The id is not in dim_assets, and no refresh builds anything of it. Import its prices to add the asset, or see with `ta assets remove <id>` what is stored of the id and how to remove it.';

type Tally = Omit<CheckResult, 'check' | 'durationMs'>;

async function runOne(context: CheckContext, check: Check, emit: (finding: Finding) => void): Promise<Tally> {
  const tables = check.tables(context);
  const bySeverity = Object.fromEntries(SEVERITIES.map((severity) => [severity, 0])) as Record<Severity, number>;
  const tally = (status: CheckResult['status'] | null, reason: string | null): Tally => {
    const found = SEVERITIES.filter((severity) => bySeverity[severity] > 0);
    const worst = worstOf(found);
    const findings = found.reduce((sum, severity) => sum + bySeverity[severity], 0);
    return {
      tables,
      status: status ?? (isFailing(worst, context.request.failOn) ? 'FAIL' : 'PASS'),
      findings,
      bySeverity,
      worst,
      reason,
    };
  };
  const add = (finding: Finding) => {
    bySeverity[finding.severity]++;
    emit(finding);
  };
  if (tables.length === 0) return tally('SKIPPED', 'none of its tables is selected');
  const empty = tables.filter((table) => context.isEmpty(table));
  if (empty.length === tables.length) {
    const reason = `nothing is stored in ${empty.join(', ')}`;
    // empty tables must not pass as sound; if there are daily bars, B14 and E05 report what is missing
    const isJudged = !context.isEmpty(DAILY_TABLE) && context.checks.has(scopeOf(check) === 'bars' ? 'B14' : 'E05');
    if (!isJudged && context.assets.some(({ isActive, hasSource }) => isActive && hasSource)) {
      const message = `${reason}, although active assets have source rows`;
      add(toFinding(check, { table: empty[0], severity: 'ERROR', message }));
    }
    return tally('SKIPPED', reason);
  }
  const unknown = new Set<Found['id']>(context.assets.filter(({ isKnown }) => !isKnown).map(({ id }) => id));
  try {
    await context.session.savepoint(async () => {
      for await (const found of check.run(context)) {
        context.assertGoesOn();
        add(toFinding(check, unknown.has(found.id) ? { ...found, whatToDo: OF_NO_ASSET } : found));
      }
    });
  } catch (error) {
    context.assertGoesOn();
    if (!isOfCheck(error)) throw error;
    const message = `the check could not be carried out: ${error.message}`;
    add(toFinding(check, { table: tables[0], severity: 'ERROR', message, detail: { kind: 'aborted' } }));
  }
  return tally(null, null);
}

/** Whether a failure concerns the data or the check; a lost connection or a full disk ends the validation. */
function isOfCheck(error: unknown): error is Error {
  if (error instanceof StoreError) return ['STORE_QUERY', 'STORE_RANGE', 'STORE_SCHEMA_MISSING'].includes(error.code);
  return error instanceof Error;
}

/** Checks all of whose findings count as duplicates. */
const DUPLICATE_CHECKS = new Set(['B01', 'B02', 'E01']);

class Totals {
  private readonly bySeverity = Object.fromEntries(SEVERITIES.map((severity) => [severity, 0])) as Record<
    Severity,
    number
  >;
  private gaps = 0;
  private duplicates = 0;

  add(finding: Finding): void {
    this.bySeverity[finding.severity]++;
    const { status } = finding.detail;
    if (status === 'GAP' || (finding.check === 'B03' && 'gap_from' in finding.detail)) this.gaps++;
    if (status === 'DUPLICATE' || DUPLICATE_CHECKS.has(finding.check)) this.duplicates++;
  }

  sums() {
    const findings = SEVERITIES.reduce((sum, severity) => sum + this.bySeverity[severity], 0);
    return { findings, bySeverity: this.bySeverity, gaps: this.gaps, duplicates: this.duplicates };
  }
}
