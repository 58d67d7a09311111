import type { ItemOutcome } from '@ta/pipeline';

/** An error as plain text, without its stack and without secrets. */
interface ErrorText {
  readonly name: string;
  readonly message: string;
  readonly code?: string;
  readonly sqlstate?: string;
  readonly hint?: string;
}

/** Outcomes of an item on their way from the worker to the caller. */
export interface OutcomesText {
  readonly worker: string;
  readonly outcomes: readonly (Omit<ItemOutcome, 'error' | 'startedAtMs'> & {
    /** Milliseconds before the report; not an instant, since the clocks of two hosts may differ. */
    readonly startedMsAgo: number;
    readonly error: ErrorText | null;
  })[];
}

/**
 * @param nowMs the worker's clock for durations
 * @param redact scrubs the texts of notices and errors
 */
export function outcomesText(
  worker: string,
  outcomes: readonly ItemOutcome[],
  nowMs: number,
  redact: (text: string) => string,
): OutcomesText {
  return {
    worker,
    outcomes: outcomes.map(({ error, startedAtMs, notices, ...outcome }) => ({
      ...outcome,
      notices: notices.map((notice) => ({ ...notice, text: redact(notice.text) })),
      startedMsAgo: nowMs - startedAtMs,
      error: error === undefined ? null : errorText(error, redact),
    })),
  };
}

/** @param nowMs the caller's clock for durations */
export function outcomesOf({ outcomes }: OutcomesText, nowMs: number): ItemOutcome[] {
  return outcomes.map(({ error, startedMsAgo, ...outcome }) => ({
    ...outcome,
    startedAtMs: nowMs - startedMsAgo,
    ...(error === null ? {} : { error: new ReportedError(error) }),
  }));
}

/** What was reported of an item; null when this version cannot read it. */
export function readableOutcomes(output: unknown): OutcomesText | null {
  const { outcomes } = (output ?? {}) as Partial<OutcomesText>;
  if (!Array.isArray(outcomes)) return null;
  const isOne = (outcome: unknown) => {
    const { step, status, rows, notices } = (outcome ?? {}) as Partial<OutcomesText['outcomes'][number]>;
    return typeof step === 'string' && typeof status === 'string' && typeof rows === 'object' && Array.isArray(notices);
  };
  return outcomes.every(isOne) ? (output as OutcomesText) : null;
}

/** A failure that happened at a worker, with the name, code and hint that it had there. */
class ReportedError extends Error {
  readonly code: string | undefined;
  readonly sqlstate: string | undefined;
  readonly hint: string | undefined;

  constructor({ name, message, code, sqlstate, hint }: ErrorText) {
    super(message);
    this.name = name;
    this.code = code;
    this.sqlstate = sqlstate;
    this.hint = hint;
  }
}

function errorText(error: unknown, redact: (text: string) => string): ErrorText {
  if (!(error instanceof Error)) return { name: 'Error', message: redact(String(error)) };
  const { code, sqlstate, hint } = error as { code?: unknown; sqlstate?: unknown; hint?: unknown };
  const text = (value: unknown) => (typeof value === 'string' ? redact(value) : undefined);
  return {
    ...{ name: error.name, message: redact(error.message) },
    ...{ code: text(code), sqlstate: text(sqlstate), hint: text(hint) },
  };
}
