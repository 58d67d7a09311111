export { validationEvent } from './alert-event.ts';
export type { Check } from './check.ts';
export { ValidationError, type ValidationErrorCode, type ValidationErrorDetails } from './errors.ts';
export type { Finding } from './finding.ts';
export { pageCollector, type PageCollector } from './page/collect-page.ts';
export { htmlPage } from './page/html-page.ts';
export type { PageData } from './page/page-data.ts';
export { KeptFindings } from './kept-findings.ts';
export { CHECK_IDS, checkById, CHECKS, selectChecks } from './registry.ts';
export { FAMILIES, PROFILES, validationRequest, type Family, type Profile, type ValidationRequest } from './request.ts';
export {
  runChecks,
  type CheckResult,
  type ValidationExtras,
  type ValidationObserver,
  type ValidationResult,
} from './run-checks.ts';
export { isAtLeast, SEVERITIES, worstOf, type Severity } from './severity.ts';
export { csvReport } from './report/csv.ts';
export { jsonReport } from './report/json.ts';
export { junitReport } from './report/junit.ts';
export type { Report, Write } from './report/report.ts';
export { sumsLine } from './report/sums-line.ts';
export type { StateDifference } from './state/differences.ts';
export { SINCE, verifyRows, verifyState } from './state/verify-state.ts';
export { tableReport, type TableReportOptions } from './report/table.ts';
export { saveResults } from './save-results.ts';
export { readSavedValidations, type SavedValidation } from './saved-validations.ts';
export { ValidationPlace } from './validation-place.ts';
export {
  failureNote,
  validateRefresh,
  type RefreshValidation,
  type RefreshValidationOutcome,
} from './validate-refresh.ts';
