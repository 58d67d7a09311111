import { describe, expect, it } from 'vitest';
import { validationEvent } from './alert-event.ts';
import type { Finding } from './finding.ts';
import { KeptFindings } from './kept-findings.ts';
import { CHECKS } from './registry.ts';
import { validationRequest, type ValidationRequest } from './request.ts';
import type { ValidationResult } from './run-checks.ts';
import { SEVERITIES, worstOf, type Severity } from './severity.ts';

const finding = (check: string, severity: Severity, id: number | null, message: string): Finding => ({
  ...{ check, name: 'n', severity, table: 't', id, tf: null, period: null, key: null, expected: null, actual: null },
  ...{ diff: null, message, detail: {}, whatToDo: 'Look at it.' },
});

/** A validation that found these and nothing else. */
function resultOf(
  findings: readonly Finding[],
  isPassed: boolean,
  failOn: ValidationRequest['failOn'],
): ValidationResult {
  const count = (list: readonly Finding[]) =>
    Object.fromEntries(
      SEVERITIES.map((severity) => [severity, list.filter((f) => f.severity === severity).length]),
    ) as Record<Severity, number>;
  const checks = CHECKS.map((check) => {
    const own = findings.filter((found) => found.check === check.id);
    const worst = worstOf(own.map(({ severity }) => severity));
    const status = worst === 'ERROR' || worst === 'CRITICAL' ? ('FAIL' as const) : ('PASS' as const);
    return {
      check,
      tables: ['t'],
      status,
      findings: own.length,
      bySeverity: count(own),
      worst,
      reason: null,
      durationMs: 1,
    };
  });
  const request = validationRequest({ asOfTs: 0, failOn });
  return { request, isPassed, checks, findings: findings.length, bySeverity: count(findings), gaps: 2, duplicates: 1 };
}

function eventOf(
  findings: readonly Finding[],
  { isPassed = false, failOn = 'ERROR' }: Partial<ValidationRequest & ValidationResult> = {},
) {
  const kept = new KeptFindings(20);
  for (const found of findings) kept.add(found);
  return validationEvent(resultOf(findings, isPassed, failOn), kept, 'run-1');
}

describe('the alert of a validation', () => {
  it('is none when nothing is wrong, or only warnings were found', () => {
    expect(eventOf([], { isPassed: true })).toBeNull();
    expect(eventOf([finding('B03', 'WARNING', 1, 'gap')], { isPassed: true })).toBeNull();
  });

  it('is one for all findings, as urgent as the worst, which comes first', () => {
    const found = [
      finding('B03', 'ERROR', 2, 'a day is lost'),
      finding('B01', 'CRITICAL', 1, 'two bars'),
      finding('B17', 'WARNING', 9, 'far apart'),
    ];
    expect(eventOf(found)).toStrictEqual({
      event: 'validation_failed',
      severity: 'CRITICAL',
      title: 'Validation failed: 2 checks (B01, B03), gaps 2, duplicates 1',
      body: [
        `Checks: ${CHECKS.length} | Passed: ${CHECKS.length - 2} | Failed: 2 | Skipped: 0 | Findings: 3 (CRITICAL 1, ERROR 1, WARNING 1)`,
        'What to do: validator check --checks B01,B03',
      ],
      details: ['B01 t: two bars', 'B03 t: a day is lost'],
      ids: [1, 2],
      component: 'validation',
      check: 'B01,B03',
      runId: 'run-1',
    });
    expect(eventOf([found[0]])?.severity).toBe('ERROR');
  });

  it('is a WARNING when warnings were to fail it, an ERROR when there was nothing to validate', () => {
    expect(eventOf([finding('B17', 'WARNING', 9, 'far apart')], { failOn: 'WARNING' })).toMatchObject({
      severity: 'WARNING',
      title: 'Validation failed: 1 check (B17), gaps 2, duplicates 1',
      check: 'B17',
    });
    const nothing = { severity: 'ERROR', title: 'Validation failed: there was nothing to validate' };
    expect(eventOf([])).toMatchObject(nothing);
    // as the report says it, also where the tables lack something that is not bad enough to fail
    const lacking = finding('B02', 'ERROR', null, 'nothing is stored in t');
    expect(eventOf([lacking], { failOn: 'CRITICAL' })).toMatchObject({ ...nothing, check: 'B02' });
  });
});
