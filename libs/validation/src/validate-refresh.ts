import type { Database } from '@ta/state-store';
import type { AlertEvent } from '@ta/alerts';
import { validationEvent } from './alert-event.ts';
import { KeptFindings } from './kept-findings.ts';
import type { ValidationRequest } from './request.ts';
import { runChecks, type ValidationObserver, type ValidationResult } from './run-checks.ts';
import { failureNote } from './verdict.ts';

/** The validation that follows a refresh as its last component (docs/operations.md#commands). */
export interface RefreshValidation {
  readonly request: ValidationRequest;
  /** The run it belongs to. */
  readonly runId: string;
  /** Most time it may take, milliseconds; 0 is no limit. */
  readonly timeoutMs: number;
  /** Whether findings as bad as `failOn` make the component fail: `--fail-on-validation`. */
  readonly isStrict: boolean;
  /** Findings kept per check, to be shown. */
  readonly limit: number;
  readonly signal?: AbortSignal;
}

/** The outcome of the validation. A failure to carry it out is part of it; nothing is thrown. */
export interface RefreshValidationOutcome {
  readonly status: 'ok' | 'failed';
  /** Wall-clock seconds. */
  readonly seconds: number;
  /** What the summary says after the component; absent when all is well. */
  readonly note?: string;
  readonly isTimedOut: boolean;
  /** Null when it could not be carried out. */
  readonly result: ValidationResult | null;
  readonly findings: KeptFindings;
  /** The alert to the operator; null when there is none. */
  readonly event: AlertEvent | null;
  /** Why it could not be carried out. */
  readonly error?: unknown;
}

/**
 * Validates what a refresh has stored. Findings are warnings unless `isStrict`; a validation that cannot be carried out, or
 * takes too long, always fails.
 *
 * @param monotonicMs clock for durations, milliseconds
 */
export async function validateRefresh(
  database: Database,
  { request, runId, timeoutMs, isStrict, limit, signal }: RefreshValidation,
  observer: ValidationObserver,
  monotonicMs: () => number,
): Promise<RefreshValidationOutcome> {
  const startedMs = monotonicMs();
  const findings = new KeptFindings(limit);
  const watching: ValidationObserver = {
    ...observer,
    finding(finding) {
      findings.add(finding);
      observer.finding?.(finding);
    },
  };
  const deadline = timeoutMs > 0 ? AbortSignal.timeout(timeoutMs) : undefined;
  const signals = [signal, deadline].filter((each) => each !== undefined);
  const extras = {
    signal: signals.length === 0 ? undefined : AbortSignal.any(signals),
    remainingMs: timeoutMs > 0 ? () => startedMs + timeoutMs - monotonicMs() : undefined,
  };
  const seconds = () => (monotonicMs() - startedMs) / 1000;
  try {
    const result = await runChecks(database, request, watching, monotonicMs, extras);
    const status = result.isPassed || !isStrict ? 'ok' : 'failed';
    const note = failureNote(result) ?? undefined;
    const event = validationEvent(result, findings, runId);
    return { status, seconds: seconds(), note, isTimedOut: false, result, findings, event };
  } catch (error) {
    const isInterrupted = signal?.aborted === true;
    const isTimedOut = deadline?.aborted === true && !isInterrupted;
    const note = isInterrupted ? 'interrupted' : isTimedOut ? `Timed out after ${timeoutMs / 1000}s` : messageOf(error);
    return { status: 'failed', seconds: seconds(), note, isTimedOut, result: null, findings, event: null, error };
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
