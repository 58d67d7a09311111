import type { FindingEntry, Findings } from '@ta/dashboard-server/api';
import { countText, minuteText } from '../formats.ts';

/** A saved validation: the status of each check, and what they found. */
export interface Validation {
  readonly title: string;
  readonly checks: readonly FindingEntry[];
  readonly findings: readonly FindingEntry[];
  /** True when older rows of it were not sent. */
  readonly isCut: boolean;
}

/**
 * The validations of an answer, in its order. Older rows of the last one may not have been sent. A validation saves its findings
 * first and its checks last: with a finding, the last one has all of its checks; without, it is left out, unless it is the only
 * one.
 */
export function validationsOf({ results, next }: Findings): Validation[] {
  const cutTitle = next === null ? null : titleOf(next);
  const titles = [...new Set(results.map(titleOf))];
  const all = titles.map((title) => {
    const own = results.filter((result) => titleOf(result) === title);
    const checks = own.filter(({ table, id }) => table === null && id === null);
    const findings = own.filter((result) => !checks.includes(result));
    return { title, checks, findings, isCut: title === cutTitle };
  });
  return all.filter((one) => !one.isCut || one.findings.length > 0 || all.length === 1);
}

/** How many findings a validation has, and what is not shown of it. */
export function findingsText({ checks, findings, isCut }: Validation): string {
  const newest = `the newest ${countText(checks.length + findings.length)} rows of this validation are shown`;
  if (findings.length === 0) return isCut ? `Only ${newest}.` : 'No finding.';
  return `${findings.length} findings${isCut ? `: only ${newest}` : ''}`;
}

function titleOf({ runId, checkedMs }: Pick<FindingEntry, 'runId' | 'checkedMs'>): string {
  return `${minuteText(checkedMs)} ${runId ?? ''}`.trim();
}
