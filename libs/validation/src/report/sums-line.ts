import type { CheckResult, ValidationResult } from '../run-checks.ts';
import { SEVERITIES, type Severity } from '../severity.ts';

/** `Checks: 37 | Passed: 35 | …`, the last but one line of the report. */
export function sumsLine({ checks, findings, bySeverity }: ValidationResult): string {
  const count = (status: CheckResult['status']) => checks.filter((check) => check.status === status).length;
  const shown = ([...SEVERITIES].reverse() as Severity[]).filter((severity) => severity !== 'INFO');
  const parts = shown.map((severity) => `${severity} ${bySeverity[severity]}`).join(', ');
  return (
    `Checks: ${checks.length} | Passed: ${count('PASS')} | Failed: ${count('FAIL')} | Skipped: ${count('SKIPPED')} | ` +
    `Findings: ${findings} (${parts})`
  );
}
