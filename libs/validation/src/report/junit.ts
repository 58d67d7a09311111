import type { Finding } from '../finding.ts';
import { KeptFindings } from '../kept-findings.ts';
import { NOTHING_TO_VALIDATE, reasonBesideChecks } from '../verdict.ts';
import type { CheckResult, ValidationResult } from '../run-checks.ts';
import { isAtLeast } from '../severity.ts';
import type { Report, Write } from './report.ts';

/** Findings written out per table and check; further ones are counted. */
const MOST_FINDINGS = 1000;

interface CaseFindings {
  /** Of the check in this table: the worst ones. */
  readonly kept: KeptFindings;
  count: number;
}

/** The report for build servers: a suite per table, a case per check; findings from `failOn` up are failures. */
export function junitReport(write: Write): Report {
  const byTable = new Map<string, Map<string, CaseFindings>>();
  const casesOf = (table: string) => {
    const cases = byTable.get(table) ?? new Map<string, CaseFindings>();
    byTable.set(table, cases);
    return cases;
  };
  return {
    finding(finding) {
      const cases = casesOf(finding.table);
      const found = cases.get(finding.check) ?? { kept: new KeptFindings(MOST_FINDINGS), count: 0 };
      cases.set(finding.check, found);
      found.count++;
      found.kept.add(finding);
    },
    checkFinished: ({ tables }) => tables.forEach(casesOf),
    finish(result) {
      const suites = [...byTable].map(([table, cases]) => suite(table, cases, result));
      if (reasonBesideChecks(result) !== null) suites.push(NOTHING_SUITE);
      write(`<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n${suites.join('')}</testsuites>\n`);
    },
  };
}

/** Build servers go by failures, not by what cases are missing. */
const NOTHING_SUITE =
  `  <testsuite name="validation" tests="1" failures="1" errors="0" skipped="0">\n` +
  `    <testcase classname="validation" name="${NOTHING_TO_VALIDATE}" time="0.000">\n` +
  `      <failure type="ERROR" message="${NOTHING_TO_VALIDATE}"/>\n    </testcase>\n  </testsuite>\n`;

function suite(table: string, found: ReadonlyMap<string, CaseFindings>, result: ValidationResult): string {
  const checks = result.checks.filter(({ check, tables }) => tables.includes(table) || found.has(check.id));
  const cases = checks.map((outcome) => testCase(table, outcome, found.get(outcome.check.id), result));
  const failures = cases.filter((text) => text.includes('<failure')).length;
  const skipped = cases.filter((text) => text.includes('<skipped')).length;
  return (
    `  <testsuite name="${escaped(table)}" tests="${cases.length}" failures="${failures}" errors="0" skipped="${skipped}">\n` +
    `${cases.join('')}  </testsuite>\n`
  );
}

function testCase(
  table: string,
  { check, status, reason, durationMs }: CheckResult,
  found: CaseFindings | undefined,
  { request }: ValidationResult,
): string {
  const name = `${check.id} ${check.name}`;
  const kept = found?.kept.of(check.id) ?? [];
  const isFailing = ({ severity }: Finding) => isAtLeast(severity, request.failOn);
  const failing = kept.filter(isFailing);
  const others = kept.filter((finding) => !isFailing(finding));
  const more = (found?.count ?? 0) > kept.length ? `\n… and ${(found?.count ?? 0) - kept.length} more` : '';
  const body = [
    failing.length === 0
      ? ''
      : `      <failure type="${check.severity}" message="${escaped(failing[0].message)}">${escaped(textOf(failing) + more)}</failure>\n`,
    failing.length === 0 && status === 'SKIPPED' ? `      <skipped message="${escaped(reason ?? '')}"/>\n` : '',
    others.length === 0 ? '' : `      <system-out>${escaped(textOf(others))}</system-out>\n`,
  ].join('');
  const seconds = (durationMs / 1000).toFixed(3);
  return `    <testcase classname="${escaped(table)}" name="${escaped(name)}" time="${seconds}">\n${body}    </testcase>\n`;
}

function textOf(findings: readonly Finding[]): string {
  return findings.map(({ severity, message }) => `[${severity}] ${message}`).join('\n');
}

/** XML text: the five special characters as entities; control characters, which XML cannot hold, as `?`. */
function escaped(text: string): string {
  return text
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '?')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&apos;');
}
