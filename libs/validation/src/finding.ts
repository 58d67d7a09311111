import type { Severity } from './severity.ts';

/**
 * One thing that is wrong in the database, the common record of docs/operations.md. Instants in texts are ISO-8601 UTC.
 */
export interface Finding {
  /** `B07`, `E10`, … */
  readonly check: string;
  /** Name of the check, such as `conservation`. */
  readonly name: string;
  readonly severity: Severity;
  /** Table whose row is wrong. */
  readonly table: string;
  /** Null where the finding is about no single asset, timeframe or period. */
  readonly id: number | null;
  readonly tf: string | null;
  readonly period: number | null;
  /** What identifies the row besides: mostly its instant. */
  readonly key: string | null;
  readonly expected: string | null;
  readonly actual: string | null;
  /** `actual` minus `expected` where both are one number. */
  readonly diff: number | null;
  /** What is wrong, where. */
  readonly message: string;
  /** The check's own columns. */
  readonly detail: Readonly<Record<string, unknown>>;
  /** Advice to the operator. */
  readonly whatToDo: string;
}

/** What a check reports; the rest of {@link Finding} is added by the runner. */
export interface Found {
  readonly table: string;
  readonly message: string;
  /** The check's own severity by default. */
  readonly severity?: Severity;
  readonly id?: number | null;
  readonly tf?: string | null;
  readonly period?: number | null;
  readonly key?: string | null;
  readonly expected?: unknown;
  readonly actual?: unknown;
  readonly detail?: Readonly<Record<string, unknown>>;
  /** The check's own advice by default. */
  readonly whatToDo?: string;
}

/** What all findings of a check have in common. */
export type CheckTitle = Pick<Finding, 'name' | 'severity' | 'whatToDo'> & { readonly id: Finding['check'] };

/** Completes what a check found to the full record. */
export function toFinding(check: CheckTitle, found: Found): Finding {
  const { expected, actual } = found;
  const isNumeric = typeof expected === 'number' && typeof actual === 'number';
  return {
    check: check.id,
    name: check.name,
    severity: found.severity ?? check.severity,
    table: found.table,
    id: found.id ?? null,
    tf: found.tf ?? null,
    period: found.period ?? null,
    key: found.key ?? null,
    expected: textOf(expected),
    actual: textOf(actual),
    diff: isNumeric ? actual - expected : null,
    message: found.message,
    detail: found.detail ?? {},
    whatToDo: found.whatToDo ?? check.whatToDo,
  };
}

/** A value as the operator reads it; null for nothing. */
export function textOf(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
