import type { Finding } from './finding.ts';
import { isAtLeast, SEVERITIES } from './severity.ts';

/** Keeps a bounded number of findings: per check the worst, and the first of equal ones. */
export class KeptFindings {
  private readonly byCheck = new Map<string, Finding[]>();

  /** @param limit findings kept per check */
  constructor(private readonly limit: number) {}

  add(finding: Finding): void {
    const kept = this.byCheck.get(finding.check) ?? [];
    this.byCheck.set(finding.check, kept);
    if (kept.length < this.limit) kept.push(finding);
    else {
      const mildest = SEVERITIES.find((level) => kept.some(({ severity }) => severity === level));
      if (mildest === undefined || isAtLeast(mildest, finding.severity)) return;
      kept[kept.findLastIndex(({ severity }) => severity === mildest)] = finding;
    }
  }

  /** The kept findings of one check, in the order of arrival; a worse one takes the place of the one that it replaced. */
  of(check: string): readonly Finding[] {
    return this.byCheck.get(check) ?? [];
  }

  /** The kept findings of all checks, the worst first, equal ones in the order of the checks. */
  worstFirst(): Finding[] {
    const all = [...this.byCheck.values()].flat();
    return all.sort((a, b) => (a.severity === b.severity ? 0 : isAtLeast(a.severity, b.severity) ? -1 : 1));
  }
}
