import { statusCounts, type ValidationResult } from '../run-checks.ts';
import { SEVERITIES, type Severity } from '../severity.ts';

/** `Checks: 37 | Passed: 35 | …`, the last but one line of the report. */
export function sumsLine(result: ValidationResult): string {
  const { checks, findings, bySeverity } = result;
  const { passed, failed, skipped } = statusCounts(result);
  const shown = ([...SEVERITIES].reverse() as Severity[]).filter((severity) => severity !== 'INFO');
  const parts = shown.map((severity) => `${severity} ${bySeverity[severity]}`).join(', ');
  return (
    `Checks: ${checks.length} | Passed: ${passed} | Failed: ${failed} | Skipped: ${skipped} | ` +
    `Findings: ${findings} (${parts})`
  );
}
