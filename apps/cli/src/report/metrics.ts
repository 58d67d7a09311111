import { seconds } from '@ta/cli-kit';
import type { ComponentReport, RunReport, StepReport } from '@ta/pipeline';
import type { RunTally } from '../run-tally.ts';

/** Counts, timing, quality and status of a run (docs/operations.md#logs), as printed above the summary. */
export function metricsBlock(report: RunReport, tally: RunTally): string {
  const bars = stepsOf(report, 'bars');
  const emas = stepsOf(report, 'emas');
  const all = [...bars, ...emas];
  const slowest = tally.slowest().map(({ step, id, durationMs }) => `${step} id ${id} ${seconds(durationMs / 1000)}`);
  const { quality } = runTotals(report, tally);
  const lines = [
    'RUN METRICS',
    `  Counts:  bars written ${total(bars, 'written')}, EMAs written ${total(emas, 'written')}, rows processed ${total(all, 'read')}`,
    `           ids ${report.ids.length}, up to date ${upToDate(report)}, stale ${report.staleIds.length}, failed ${report.failedIds.length}, no_source ${tally.noSourceIds.size}`,
    `  Timing:  ${report.components.map((component) => `${component.component} ${seconds(component.seconds)}`).join(', ')}`,
    ...(slowest.length === 0 ? [] : [`           slowest: ${slowest.join(', ')}`]),
    `  Quality: gaps flagged ${quality.gaps}, repairs logged ${quality.repairs}, rejects counted ${quality.rejects}, backfills ${quality.backfills}`,
    '  Status:',
    ...report.components.flatMap((component) => component.steps.map((step) => statusLine(component, step))),
  ];
  return lines.join('\n');
}

/** The row counts and the quality counts of a run. */
export function runTotals(report: RunReport, tally: RunTally) {
  const bars = stepsOf(report, 'bars');
  const emas = stepsOf(report, 'emas');
  return {
    counts: {
      barsWritten: total(bars, 'written'),
      emasWritten: total(emas, 'written'),
      rowsProcessed: total([...bars, ...emas], 'read'),
    },
    quality: {
      // a gap between days appears in every snapshot that contains it, but is counted once
      gaps: total(
        bars.filter(({ step }) => step === '1d'),
        'gaps',
      ),
      repairs: total(bars, 'repaired'),
      rejects: total([...bars, ...emas], 'rejected'),
      backfills: tally.backfillIds.size,
    },
  };
}

function total(steps: readonly StepReport[], of: keyof StepReport['rows']): number {
  return steps.reduce((sum, step) => sum + step.rows[of], 0);
}

function upToDate(report: RunReport): number {
  const steps = report.components.flatMap((component) => component.steps);
  if (steps.length === 0) return 0;
  return Math.min(report.ids.length - report.staleIds.length, ...steps.map((step) => step.ids.upToDate));
}

function stepsOf(report: RunReport, name: 'bars' | 'emas'): readonly StepReport[] {
  return report.components.find((component) => component.component === name)?.steps ?? [];
}

/** `OK`, `FAILED`, `TIMEOUT`, `SKIPPED` or `PARTIAL` (some ids were not reached). */
export function stepLabel(component: ComponentReport, step: StepReport): string {
  if (step.status === 'failed') return 'FAILED';
  const isCut = component.status === 'failed' && step.ids.skipped > 0;
  if (isCut && component.isTimedOut === true) return 'TIMEOUT';
  if (step.status === 'skipped') return 'SKIPPED';
  return isCut ? 'PARTIAL' : 'OK';
}

function statusLine(component: ComponentReport, step: StepReport): string {
  const isAtWork = step.ids.ok + step.ids.failed > 0;
  const detail = step.status === 'up_to_date' ? 'up to date' : `${step.rows.written} rows written`;
  const failures = step.errors.slice(0, 3).map((error) => `id ${error.id}: ${error.message}`);
  const notes = step.note === undefined ? failures : [...failures, step.note];
  const line = `    [${stepLabel(component, step)}] ${step.step}: ${detail}${isAtWork ? `, ${seconds(step.busySeconds)}` : ''}`;
  return [line, ...notes.map((text) => `        ${text}`)].join('\n');
}
