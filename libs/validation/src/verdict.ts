import { failedChecks, type ValidationResult } from './run-checks.ts';

/** Why a validation fails although no check does. */
export const NOTHING_TO_VALIDATE = 'there was nothing to validate';

/** Why a validation failed although no check did; null where one did, and where it passed. */
export function reasonBesideChecks({ isPassed, checks, request }: ValidationResult): string | null {
  return isPassed || failedChecks(checks, request.failOn).length > 0 ? null : NOTHING_TO_VALIDATE;
}

/** Why a validation failed, in a line: `3 checks failed: B16, E07, E09`; null where it passed. */
export function failureNote(result: ValidationResult): string | null {
  if (result.isPassed) return null;
  const ids = failedChecks(result.checks, result.request.failOn).map(({ check }) => check.id);
  return reasonBesideChecks(result) ?? `${ids.length} check${ids.length === 1 ? '' : 's'} failed: ${ids.join(', ')}`;
}

/** The last line of a validation for a terminal. */
export function verdictLine(result: ValidationResult): string {
  if (result.isPassed) return '[OK] Validation passed';
  const reason = reasonBesideChecks(result);
  return `[FAILED] Validation failed${reason === null ? '' : `: ${reason}`}`;
}
