import { KeptFindings } from '../kept-findings.ts';
import { verdictLine } from '../verdict.ts';
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
  write(line(['check', 'name', 'status', 'findings', 'worst', 'ms']));
  return {
    finding: (finding) => shown.add(finding),
    checkFinished({ check, status, findings, worst, durationMs, reason }) {
      const note = reason === null ? '' : `  ${reason}`;
      write(
        line([check.id, check.name, status, String(findings), worst ?? '-', durationMs.toFixed(0)]).trimEnd() +
          `${note}\n`,
      );
    },
    finish(result) {
      for (const { check, findings } of result.checks) {
        const kept = shown.of(check.id);
        if (kept.length === 0) continue;
        write(`\n${check.id} ${check.name}: ${check.explanation}\n`);
        for (const advice of new Set(kept.map(({ whatToDo }) => whatToDo))) {
          const alike = kept.filter(({ whatToDo }) => whatToDo === advice);
          for (const finding of alike) write(`  [${finding.severity}] ${finding.table}: ${finding.message}\n`);
          write(`  What to do: ${advice}\n`);
        }
        if (findings > kept.length)
          write(`  … and ${findings - kept.length} more (--limit, or --format json for all)\n`);
      }
      write(`\n${sumsLine(result)}\n`);
      write(`${verdictLine(result)}\n`);
    },
  };
}

/** Widths of the columns; those of numbers are negative and end at the right. */
const WIDTHS = [5, 20, 7, -8, 8, -7];

function line(cells: readonly string[]): string {
  const padded = cells.map((cell, i) => (WIDTHS[i] < 0 ? cell.padStart(-WIDTHS[i]) : cell.padEnd(WIDTHS[i])));
  return `${padded.join('  ')}${cells[0] === 'check' ? '\n' : ''}`;
}
