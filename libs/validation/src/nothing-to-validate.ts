import type { ValidationResult } from './run-checks.ts';
import { isAtLeast } from './severity.ts';

/** Why a validation fails although no check does. */
export const NOTHING_TO_VALIDATE = 'there was nothing to validate';

/** Whether a validation failed only because it had no rows to look at. */
export function hadNothingToValidate({ isPassed, checks, request }: ValidationResult): boolean {
  return !isPassed && checks.every(({ worst }) => worst === null || !isAtLeast(worst, request.failOn));
}
