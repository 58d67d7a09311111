import { KeptFindings } from '../kept-findings.ts';
import type { ValidationResult } from '../run-checks.ts';
import type { Report, Write } from './report.ts';
import { sumsLine } from './sums-line.ts';

/** How much of the findings is shown. */
export interface TableReportOptions {
  /** Findings shown per check. */
  readonly limit: number;
}

/** The report for people: a line per check, then findings with what to do about them, then the sums. */
export function tableReport(write: Write, { limit }: TableReportOptions): Report {
  const shown = new KeptFindings(limit);
  write(line('check', 'name', 'status', 'findings', 'worst', 'ms'));
  return {
    finding: (finding) => shown.add(finding),
    checkFinished({ check, status, findings, worst, durationMs, reason }) {
      const note = reason === null ? '' : `  ${reason}`;
      write(
        line(check.id, check.name, status, String(findings), worst ?? '-', durationMs.toFixed(0)).trimEnd() +
          `${note}\n`,
      );
    },
    finish(result) {
      for (const { check, findings } of result.checks) {
        const kept = shown.of(check.id);
        if (kept.length === 0) continue;
        write(`\n${check.id} ${check.name}: ${check.explanation}\n`);
        for (const finding of kept) write(`  [${finding.severity}] ${finding.table}: ${finding.message}\n`);
        if (findings > kept.length)
          write(`  … and ${findings - kept.length} more (--limit, or --format json for all)\n`);
        write(`  What to do: ${check.whatToDo}\n`);
      }
      write(`\n${sumsLine(result)}\n`);
      write(result.isPassed ? '[OK] Validation passed\n' : `[FAILED] Validation failed${reasonText(result)}\n`);
    },
  };
}

function reasonText({ checks, findings }: ValidationResult): string {
  return findings === 0 && checks.every(({ status }) => status === 'SKIPPED') ? ': there was nothing to validate' : '';
}

function line(check: string, name: string, status: string, findings: string, worst: string, ms: string): string {
  const cells = [
    check.padEnd(5),
    name.padEnd(20),
    status.padEnd(7),
    findings.padStart(8),
    worst.padEnd(8),
    ms.padStart(7),
  ];
  return `${cells.join('  ')}${check === 'check' ? '\n' : ''}`;
}
