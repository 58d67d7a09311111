import { describe, expect, it } from 'vitest';
import { CHECKS } from './registry.ts';
import { validationRequest, type ValidationRequest } from './request.ts';
import type { CheckResult, ValidationResult } from './run-checks.ts';
import type { Severity } from './severity.ts';
import { failureNote, reasonBesideChecks, verdictLine } from './verdict.ts';

type Ended = readonly [id: string, status: CheckResult['status'], worst: Severity | null];

/** A validation whose checks ended like this; those that are not named passed. */
function failed(ended: readonly Ended[], failOn: ValidationRequest['failOn'] = 'ERROR'): ValidationResult {
  const bySeverity = { INFO: 0, WARNING: 0, ERROR: 0, CRITICAL: 0 };
  const checks = CHECKS.map((check): CheckResult => {
    const [, status = 'PASS', worst = null] = ended.find(([id]) => id === check.id) ?? [];
    return { check, tables: ['t'], status, findings: 0, bySeverity, worst, reason: null, durationMs: 0 };
  });
  const request = validationRequest({ asOfTs: 0, failOn });
  return { request, isPassed: false, checks, findings: 0, bySeverity, gaps: 0, duplicates: 0 };
}

/** What is told of it: why it failed beside its checks, the note of a refresh, the last line of a report. */
const told = (result: ValidationResult) => [reasonBesideChecks(result), failureNote(result), verdictLine(result)];

const NOTHING = 'there was nothing to validate';

describe('what is told of a failed validation', () => {
  it('names the checks with findings that are bad enough, and no other', () => {
    const ended: Ended[] = [
      ['E07', 'FAIL', 'CRITICAL'],
      ['B16', 'FAIL', 'ERROR'],
      ['B17', 'PASS', 'WARNING'],
      ['B22', 'SKIPPED', null],
    ];
    const line = '[FAILED] Validation failed';
    expect(told(failed(ended))).toStrictEqual([null, '2 checks failed: B16, E07', line]);
    expect(told(failed(ended, 'WARNING'))).toStrictEqual([null, '3 checks failed: B16, B17, E07', line]);
    expect(told(failed(ended, 'CRITICAL'))).toStrictEqual([null, '1 check failed: E07', line]);
  });

  it('names a check that was skipped since its tables lack what they should have', () => {
    expect(failureNote(failed([['B02', 'SKIPPED', 'ERROR']]))).toBe('1 check failed: B02');
  });

  it('says that there was nothing to validate where no check failed', () => {
    const nothing = [NOTHING, NOTHING, `[FAILED] Validation failed: ${NOTHING}`];
    expect(told(failed(CHECKS.map(({ id }) => [id, 'SKIPPED', null])))).toStrictEqual(nothing);
    expect(told(failed([['B02', 'SKIPPED', 'ERROR']], 'CRITICAL'))).toStrictEqual(nothing);
  });

  it('is nothing beside the verdict where it passed', () => {
    const passed = { ...failed([['B17', 'PASS', 'WARNING']]), isPassed: true };
    expect(told(passed)).toStrictEqual([null, null, '[OK] Validation passed']);
  });
});
