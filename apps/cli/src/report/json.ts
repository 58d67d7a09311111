import type { AlertSummary } from '@ta/alerts';
import type { RunReport } from '@ta/pipeline';
import type { RunTally } from '../run-tally.ts';
import type { ValidationPart } from '../run-validation.ts';
import { runTotals, stepLabel } from './metrics.ts';

/** What the document of a run contains besides its report. */
export interface RunFrame {
  readonly exitCode: number;
  readonly startedAtMs: number;
  readonly finishedAtMs: number;
  readonly asOfMs: number;
  /** Arguments as data, free of secrets. */
  readonly args: Readonly<Record<string, unknown>>;
  readonly tally: RunTally;
  /** Null while alerts are not settled. */
  readonly alerts: AlertSummary | null;
  /** Null without `--validate`, or when it could not be carried out. */
  readonly validation: ValidationPart | null;
}

/** The run as one document for programs (docs/operations.md#logs). */
export function runDocument(report: RunReport, frame: RunFrame): Record<string, unknown> {
  const { exitCode, tally, alerts } = frame;
  return {
    schema: 1,
    runId: report.runId,
    startedAt: new Date(frame.startedAtMs).toISOString(),
    finishedAt: new Date(frame.finishedAtMs).toISOString(),
    asOf: new Date(frame.asOfMs).toISOString(),
    args: frame.args,
    exitCode,
    status: exitCode === 0 ? 'ok' : 'failed',
    ids: report.ids,
    components: report.components.map((component) => ({
      name: component.component,
      status: component.isTimedOut === true ? 'timeout' : component.status,
      durationSec: component.seconds,
      error: component.note ?? null,
      steps: component.steps.map((step) => ({
        name: step.step,
        status: step.status === 'up_to_date' ? 'up_to_date' : stepLabel(component, step).toLowerCase(),
        durationSec: step.busySeconds,
        ids: step.ids,
        rows: step.rows,
      })),
    })),
    staleIds: report.staleIds,
    failures: report.failedIds.length,
    failedItems: report.components.flatMap(({ steps }) =>
      steps.flatMap(({ step, errors }) => errors.map(({ id, message }) => ({ step, id, error: message }))),
    ),
    ...runTotals(report, tally),
    slowest: tally.slowest().map(({ component, step, id, durationMs }) => ({ component, step, id, durationMs })),
    validation: frame.validation,
    alerts: alerts === null ? null : { sent: alerts.sent, suppressed: alerts.suppressed, failed: alerts.failed },
  };
}
