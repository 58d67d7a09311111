import type { Finding } from './finding.ts';
import { isAtLeast, SEVERITIES, type Severity } from './severity.ts';

interface Kept {
  readonly findings: Finding[];
  readonly counts: Record<Severity, number>;
}

/** Keeps a bounded number of findings: per check the worst, and the first of equal ones. */
export class KeptFindings {
  private readonly byCheck = new Map<string, Kept>();

  /** @param limit findings kept per check */
  constructor(private readonly limit: number) {}

  add(finding: Finding): void {
    const { findings, counts } = this.ofCheck(finding.check);
    if (findings.length >= this.limit) {
      // counted, since a check may have millions of findings after those that are kept
      const mildest = SEVERITIES.find((level) => counts[level] > 0);
      if (mildest === undefined || isAtLeast(mildest, finding.severity)) return;
      const last = findings.findLastIndex(({ severity }) => severity === mildest);
      findings.splice(last, 1);
      counts[mildest]--;
    }
    findings.push(finding);
    counts[finding.severity]++;
  }

  private ofCheck(check: string): Kept {
    const kept = this.byCheck.get(check) ?? { findings: [], counts: { INFO: 0, WARNING: 0, ERROR: 0, CRITICAL: 0 } };
    this.byCheck.set(check, kept);
    return kept;
  }

  /** The kept findings of one check, in the order of arrival. */
  of(check: string): readonly Finding[] {
    return this.byCheck.get(check)?.findings ?? [];
  }

  /** The kept findings of all checks, the worst first, equal ones in the order of the checks. */
  worstFirst(): Finding[] {
    const all = [...this.byCheck.values()].flatMap(({ findings }) => findings);
    return all.sort((a, b) => (a.severity === b.severity ? 0 : isAtLeast(a.severity, b.severity) ? -1 : 1));
  }
}
