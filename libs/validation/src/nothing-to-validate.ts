import type { ValidationResult } from './run-checks.ts';
import { isAtLeast } from './severity.ts';

/** Why a validation fails although no check does. */
export const NOTHING_TO_VALIDATE = 'there was nothing to validate';

/** Whether a validation failed only because it had no rows to look at. */
export function hadNothingToValidate({ isPassed, checks, request }: ValidationResult): boolean {
  return !isPassed && checks.every(({ worst }) => worst === null || !isAtLeast(worst, request.failOn));
}

/** The last line of a validation for a terminal. */
export function verdictLine(result: ValidationResult): string {
  if (result.isPassed) return '[OK] Validation passed';
  return `[FAILED] Validation failed${hadNothingToValidate(result) ? `: ${NOTHING_TO_VALIDATE}` : ''}`;
}
