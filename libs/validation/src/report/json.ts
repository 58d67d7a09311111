import { scopeOf } from '../check.ts';
import { reasonBesideChecks } from '../verdict.ts';
import type { ValidationRequest } from '../request.ts';
import { statusCounts, type CheckResult, type ValidationResult } from '../run-checks.ts';
import type { Report, Write } from './report.ts';

/** The report for programs: one JSON document with all findings, written as they are found (schema 1). */
export function jsonReport(write: Write, request: ValidationRequest): Report {
  const asOf = new Date(request.asOfTs).toISOString();
  write(`{"schema":1,"asOf":${JSON.stringify(asOf)},"args":${JSON.stringify(requestArgs(request))},"findings":[`);
  let separator = '\n';
  return {
    finding(finding) {
      write(separator + JSON.stringify({ ...finding, status: 'FAIL' }));
      separator = ',\n';
    },
    checkFinished: () => undefined,
    finish(result) {
      write(
        `\n],"checks":${JSON.stringify(result.checks.map(checkDocument))},"summary":${JSON.stringify(summary(result))}}\n`,
      );
    },
  };
}

/** What was asked for, as plain data: unbounded instants are null. */
function requestArgs(request: ValidationRequest): Record<string, unknown> {
  return {
    ...request,
    fromTs: Number.isFinite(request.fromTs) ? new Date(request.fromTs).toISOString() : null,
    untilTs: Number.isFinite(request.untilTs) ? new Date(request.untilTs).toISOString() : null,
    asOfTs: new Date(request.asOfTs).toISOString(),
  };
}

function checkDocument({ check, status, findings, bySeverity, worst, reason, durationMs, tables }: CheckResult) {
  const { id, name, severity, kind } = check;
  return {
    ...{ check: id, name, scope: scopeOf(check), severity, kind },
    ...{ status, findings, bySeverity, worst, reason, durationMs, tables },
  };
}

function summary(result: ValidationResult) {
  const { checks, findings, bySeverity, gaps, duplicates, isPassed } = result;
  const reason = reasonBesideChecks(result);
  return { isPassed, reason, total: checks.length, ...statusCounts(result), findings, gaps, duplicates, bySeverity };
}
