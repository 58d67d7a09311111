import type { Finding } from '../finding.ts';
import type { CheckResult, ValidationResult } from '../run-checks.ts';

/** Receives findings and results as they come and writes them in one format; see docs/operations.md#validation. */
export interface Report {
  finding(finding: Finding): void;
  checkFinished(result: CheckResult): void;
  /** Writes what is left. */
  finish(result: ValidationResult): void;
}

/** Writes text, which contains its line breaks. */
export type Write = (text: string) => void;
