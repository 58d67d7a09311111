import type { Database } from '@ta/state-store';
import type { Finding } from './finding.ts';
import type { ValidationResult } from './run-checks.ts';

/** Findings written with one statement. */
const BATCH = 1000;

const COLUMNS = `run_id text, "check" text, name text, severity text, status text, table_name text, id int, tf text,
  period int, key text, expected text, actual text, diff float8, message text, detail jsonb`;
const NAMES = `run_id, "check", name, severity, status, table_name, id, tf, period, key, expected, actual, diff, message, detail`;

/**
 * Keeps a validation in `ops_validation_results`: a row per check with its status, and a row per finding. The instant
 * (`checked_at`) is one for all rows of the call.
 *
 * @param runId names the validation, and the refresh it belonged to if any
 * @param redact hides secrets in texts: a check that could not be carried out quotes what the server said
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
    run_id: runId,
    check: check.id,
    name: check.name,
    severity: worst ?? check.severity,
    status,
    message: reason ?? `${count} finding(s)`,
    detail: { findings: count, durationMs },
  }));
  const rows = findings.map(({ table, ...finding }) => ({
    ...finding,
    run_id: runId,
    status: 'FAIL',
    table_name: table,
  }));
  const all: object[] = [...checks, ...rows];
  return database.transaction(async (tx) => {
    let written = 0;
    for (let from = 0; from < all.length; from += BATCH) {
      const hide = (_: string, value: unknown) => (typeof value === 'string' ? redact(value) : value);
      const text = JSON.stringify(all.slice(from, from + BATCH), hide).replaceAll('\\u0000', '');
      written += await tx.run(
        `INSERT INTO ops_validation_results (${NAMES}) SELECT ${NAMES} FROM jsonb_to_recordset($1::jsonb) AS r(${COLUMNS})`,
        [text],
      );
    }
    return written;
  });
}
