import { severityOf, type AlertEvent } from '@ta/alerts';
import type { KeptFindings } from './kept-findings.ts';
import { sumsLine } from './report/sums-line.ts';
import { failedChecks, type ValidationResult } from './run-checks.ts';
import { isAtLeast, worstOf } from './severity.ts';
import { reasonBesideChecks } from './verdict.ts';

/** Findings named in an alert; the message shows the first few and counts the rest. */
const MOST_DETAILS = 20;

/**
 * The alert about a validation (docs/operations.md#alerts): one event for the whole run, as urgent as its
 * worst finding. Null when it passed and found nothing of ERROR or worse.
 *
 * @param findings the kept findings; the alert names the worst of them
 */
export function validationEvent(result: ValidationResult, findings: KeptFindings, runId: string): AlertEvent | null {
  const worst = worstOf(result.checks.flatMap((check) => check.worst ?? []));
  const isBad = worst !== null && isAtLeast(worst, 'ERROR');
  if (result.isPassed && !isBad) return null;
  const failed = failedChecks(result.checks, isBad ? 'ERROR' : 'INFO');
  const ids = failed.map(({ check }) => check.id);
  const named = findings.worstFirst().filter(({ check }) => ids.includes(check));
  const isMild = worst !== null && !isBad;
  return {
    event: 'validation_failed',
    severity: isMild ? worst : severityOf('validation_failed', { worstFinding: worst ?? undefined }),
    title: `Validation failed: ${reasonBesideChecks(result) ?? countsText(result, ids)}`,
    body: [sumsLine(result), `What to do: validator check --checks ${ids.join(',') || 'all'}`],
    details: named.slice(0, MOST_DETAILS).map(({ check, table, message }) => `${check} ${table}: ${message}`),
    ids: [...new Set(named.flatMap(({ id }) => id ?? []))],
    component: 'validation',
    check: ids.join(','),
    runId,
  };
}

function countsText({ gaps, duplicates }: ValidationResult, ids: readonly string[]): string {
  const counts = [...(gaps > 0 ? [`gaps ${gaps}`] : []), ...(duplicates > 0 ? [`duplicates ${duplicates}`] : [])];
  return [`${ids.length} check${ids.length === 1 ? '' : 's'} (${ids.slice(0, 8).join(', ')})`, ...counts].join(', ');
}
