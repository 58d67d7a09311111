import type { Finding } from '../finding.ts';
import type { CheckResult, ValidationResult } from '../run-checks.ts';

/** Takes findings and results as they come and writes them in its form; see docs/operations.md#validation. */
export interface Report {
  finding(finding: Finding): void;
  checkFinished(result: CheckResult): void;
  /** Writes what is left. */
  finish(result: ValidationResult): void;
}

/** Receives text; line breaks are in it. */
export type Write = (text: string) => void;
