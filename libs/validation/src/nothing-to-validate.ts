import type { ValidationResult } from './run-checks.ts';
import { isAtLeast } from './severity.ts';

/** Why a validation fails although no check does. */
export const NOTHING_TO_VALIDATE = 'there was nothing to validate';

/** Why a validation failed although no check did; null where one did, and where it passed. */
export function reasonBesideChecks({ isPassed, checks, request }: ValidationResult): string | null {
  const hasFailure = checks.some(({ worst }) => worst !== null && isAtLeast(worst, request.failOn));
  return isPassed || hasFailure ? null : NOTHING_TO_VALIDATE;
}

/** The last line of a validation for a terminal. */
export function verdictLine(result: ValidationResult): string {
  if (result.isPassed) return '[OK] Validation passed';
  const reason = reasonBesideChecks(result);
  return `[FAILED] Validation failed${reason === null ? '' : `: ${reason}`}`;
}
