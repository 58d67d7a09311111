import type { RunReport } from '@ta/pipeline';

/** The run as one document for programs (operations.md 3.3, schema 1). */
export function runDocument(report: RunReport, exitCode: number): Record<string, unknown> {
  return {
    schema: 1,
    runId: report.runId,
    exitCode,
    status: exitCode === 0 ? 'ok' : 'failed',
    ids: report.ids,
    components: report.components.map(({ component, status, seconds, note, steps }) => ({
      name: component,
      status,
      durationSec: seconds,
      error: note ?? null,
      steps: steps.map(({ step, status: stepStatus, busySeconds, ids, rows }) => ({
        name: step,
        status: stepStatus,
        durationSec: busySeconds,
        ids,
        rows,
      })),
    })),
    staleIds: report.staleIds,
    failedItems: report.components.flatMap(({ steps }) =>
      steps.flatMap(({ step, errors }) => errors.map(({ id, message }) => ({ step, id, error: message }))),
    ),
  };
}
