import type { Component } from './components.ts';
import { stepsOf } from './execute-item.ts';
import type { RefreshRequest } from './refresh-request.ts';
import {
  addRows,
  isUndone,
  noRows,
  type ComponentReport,
  type ItemOutcome,
  type Step,
  type StepReport,
} from './run-report.ts';

/** The report of a step before its first asset. */
export function emptyStep(step: Step): StepReport {
  return {
    step,
    status: 'skipped',
    busySeconds: 0,
    ids: { ok: 0, upToDate: 0, failed: 0, skipped: 0 },
    rows: noRows(),
    errors: [],
  };
}

/** Adds the outcome of an asset. */
export function record(report: StepReport, outcome: ItemOutcome): void {
  report.busySeconds += outcome.durationMs / 1000;
  addRows(report.rows, outcome.rows);
  if (isUndone(outcome.status)) {
    report.ids.failed++;
    report.errors.push({ id: outcome.id, message: messageOf(outcome.error) });
  } else if (outcome.status === 'ok') report.ids.ok++;
  else if (outcome.status === 'noop') report.ids.upToDate++;
  else report.ids.skipped++;
}

/** The limits that decide the status of a component. */
interface Bounds extends Pick<RefreshRequest, 'failOnRejects' | 'signal'> {
  readonly limitMs: number;
}

/** Sets the status of a component and its steps when all of its assets are finished or given up. */
export function closeComponent(report: ComponentReport<Component>, idCount: number, request: Bounds): void {
  const isStrict = request.failOnRejects?.[report.component] === true;
  // an append reads some days again, whose rejects were reported before, so only new rejects count; EMAs are written once
  const rejectsOf = ({ rows }: StepReport) => (report.component === 'bars' ? rows.rejected : rows.refused);
  for (const step of report.steps) {
    if (isStrict && rejectsOf(step) > 0) step.note = `${rejectsOf(step)} rejects`;
    if (step.ids.failed > 0 || step.note !== undefined) step.status = 'failed';
    else if (step.ids.ok > 0) step.status = 'ok';
    else if (step.ids.upToDate > 0) step.status = 'up_to_date';
  }
  const failed = new Set(report.steps.flatMap((step) => step.errors.map((error) => error.id)));
  const rejected = report.steps.reduce((sum, step) => sum + rejectsOf(step), 0);
  const isUnfinished = report.steps.some(({ ids }) => ids.ok + ids.upToDate + ids.failed < idCount);
  const fail = (note: string) => Object.assign(report, { status: 'failed', note });
  if (isUnfinished && (request.signal?.reason as { name?: unknown } | undefined)?.name === 'TimeoutError') {
    report.isTimedOut = true;
    fail(`Timed out after ${request.limitMs / 1000}s`);
  } else if (failed.size > 0) {
    fail(`${failed.size} of ${idCount} IDs failed: [${[...failed].sort((a, b) => a - b).join(', ')}]`);
  } else if (request.signal?.aborted === true) fail('interrupted');
  else if (isStrict && rejected > 0) fail(`${rejected} rejects`);
}

/** Marks a component as not started. */
export function skip(report: ComponentReport<Component>, request: RefreshRequest, why: string): void {
  report.status = 'skipped';
  report.note = why;
  report.steps.push(...stepsOf({ ...request, component: report.component }).map(emptyStep));
}

/** The message of an error. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
