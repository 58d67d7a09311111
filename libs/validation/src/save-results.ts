import { saveValidationRows, type Database, type NewValidationRow } from '@ta/state-store';
import type { Finding } from './finding.ts';
import type { ValidationResult } from './run-checks.ts';

/**
 * Stores a validation in `ops_validation_results`: a row per check with its status, and a row per finding. All rows of a call
 * have the same instant (`checked_at`).
 *
 * @param runId identifies the validation, and the refresh it belonged to if any
 * @param redact hides secrets in texts: the finding of a check that could not be carried out quotes the server's message
 * @returns rows written
 */
export async function saveResults(
  database: Database,
  runId: string,
  result: ValidationResult,
  findings: readonly Finding[],
  redact: (text: string) => string,
): Promise<number> {
  const checks = result.checks.map(({ check, status, worst, reason, durationMs, findings: count }) => ({
    ...{ runId, check: check.id, name: check.name, severity: worst ?? check.severity, status },
    message: reason ?? `${count} finding(s)`,
    detail: { findings: count, durationMs },
  }));
  const found = findings.map(({ table, ...finding }) => ({ ...finding, runId, status: 'FAIL', tableName: table }));
  // the checks come last: who reads the newest rows sees them, however many findings there are
  // PostgreSQL does not accept a zero byte in a text
  const hide = (_: string, value: unknown) => (typeof value === 'string' ? redact(value).replaceAll('\0', '') : value);
  const rows = JSON.parse(JSON.stringify([...found, ...checks], hide)) as NewValidationRow[];
  return database.transaction((tx) => saveValidationRows(tx, rows));
}
