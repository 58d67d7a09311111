export { validationEvent } from './alert-event.ts';
export { scopeOf, type Check } from './check.ts';
export { ValidationError } from './errors.ts';
export type { Finding } from './finding.ts';
export { pageCollector } from './page/collect-page.ts';
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
export { type Severity } from './severity.ts';
export { csvReport } from './report/csv.ts';
export { jsonReport } from './report/json.ts';
export { junitReport } from './report/junit.ts';
export type { Report, Write } from './report/report.ts';
export { sumsLine } from './report/sums-line.ts';
export { verdictLine } from './verdict.ts';
export type { StateDifference } from './state/differences.ts';
export { SINCE, verifyRows, verifyState } from './state/verify-state.ts';
export { tableReport } from './report/table.ts';
export { saveResults } from './save-results.ts';
export { readSavedValidations } from './saved-validations.ts';
export { ValidationPlace } from './validation-place.ts';
export { validateRefresh, type RefreshValidationOutcome } from './validate-refresh.ts';
