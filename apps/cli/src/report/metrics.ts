import { seconds } from '@ta/cli-kit';
import type { RunReport, StepReport } from '@ta/pipeline';

/** Counts, timing, quality and status of a run (operations.md 3.3), as printed above the summary. */
export function metricsBlock(report: RunReport): string {
  const bars = stepsOf(report, 'bars');
  const emas = stepsOf(report, 'emas');
  const all = [...bars, ...emas];
  const total = (steps: readonly StepReport[], of: keyof StepReport['rows']) =>
    steps.reduce((sum, step) => sum + step.rows[of], 0);
  const upToDate = report.ids.filter(() => all.every((step) => step.ids.ok === 0 && step.ids.failed === 0)).length;
  const lines = [
    'RUN METRICS',
    `  Counts:  bars written ${total(bars, 'written')}, EMAs written ${total(emas, 'written')}, rows processed ${total(all, 'read')}`,
    `           ids ${report.ids.length}, up to date ${upToDate}, stale ${report.staleIds.length}, failed ${report.failedIds.length}`,
    `  Timing:  ${report.components.map((component) => `${component.component} ${seconds(component.seconds)}`).join(', ')}`,
    `  Quality: gaps flagged ${total(bars, 'gaps')}, repairs logged ${total(bars, 'repaired')}, rejects counted ${total(all, 'rejected')}`,
    '  Status:',
    ...all.map(statusLine),
  ];
  return lines.join('\n');
}

function stepsOf(report: RunReport, name: 'bars' | 'emas'): readonly StepReport[] {
  return report.components.find((component) => component.component === name)?.steps ?? [];
}

function statusLine(step: StepReport): string {
  const label = { ok: 'OK', failed: 'FAILED', skipped: 'SKIPPED', up_to_date: 'OK' }[step.status];
  const detail = step.status === 'up_to_date' ? 'up to date' : `${step.rows.written} rows written`;
  const failures = step.errors.slice(0, 3).map((error) => `id ${error.id}: ${error.message}`);
  return [`    [${label}] ${step.step}: ${detail}`, ...failures.map((text) => `        ${text}`)].join('\n');
}
