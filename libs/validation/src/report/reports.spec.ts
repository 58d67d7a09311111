import { describe, expect, it } from 'vitest';
import type { Finding } from '../finding.ts';
import { CHECKS } from '../registry.ts';
import { validationRequest } from '../request.ts';
import type { CheckResult, ValidationResult } from '../run-checks.ts';
import { csvReport } from './csv.ts';
import { jsonReport } from './json.ts';
import { junitReport } from './junit.ts';
import type { Report, Write } from './report.ts';
import { tableReport } from './table.ts';

const request = validationRequest({ asOfTs: Date.UTC(2024, 6, 1) });
const finding: Finding = {
  check: 'B04',
  name: 'ohlc',
  severity: 'CRITICAL',
  table: 'cmc_price_bars_1d',
  id: 1,
  tf: null,
  period: null,
  key: '2024-05-15T23:59:59.999Z',
  expected: null,
  actual: null,
  diff: null,
  message: 'id 1: "high" < low & more',
  detail: { high: 1 },
  whatToDo: 'Look at it.',
};
const warning: Finding = {
  ...finding,
  check: 'B17',
  name: 'spacing',
  severity: 'WARNING',
  table: 'cmc_price_bars_multi_tf',
};

const result: ValidationResult = {
  request,
  isPassed: false,
  checks: ['B04', 'B17', 'B22'].map((id): CheckResult => {
    const check = CHECKS.find((known) => known.id === id) as CheckResult['check'];
    const own = [finding, warning].find((found) => found.check === id);
    return {
      check,
      tables: [own?.table ?? 'cmc_price_bars_1d'],
      status: id === 'B04' ? 'FAIL' : id === 'B22' ? 'SKIPPED' : 'PASS',
      findings: own === undefined ? 0 : 1,
      bySeverity: { INFO: 0, WARNING: id === 'B17' ? 1 : 0, ERROR: 0, CRITICAL: id === 'B04' ? 1 : 0 },
      worst: own?.severity ?? null,
      reason: id === 'B22' ? 'nothing is stored' : null,
      durationMs: 12.4,
    };
  }),
  findings: 2,
  bySeverity: { INFO: 0, WARNING: 1, ERROR: 0, CRITICAL: 1 },
  gaps: 0,
  duplicates: 0,
};

function written(open: (write: Write) => Report): string {
  const parts: string[] = [];
  const report = open((text) => parts.push(text));
  report.finding(finding);
  report.finding(warning);
  for (const check of result.checks) report.checkFinished(check);
  report.finish(result);
  return parts.join('');
}

describe('the report as a table', () => {
  it('has a line per check, the findings, the sums and the verdict', () => {
    const lines = written((write) => tableReport(write, { limit: 20 })).split('\n');
    expect(lines[1]).toBe('B04    ohlc                  FAIL            1  CRITICAL       12');
    expect(lines[3]).toMatch(/^B22 .*SKIPPED .*nothing is stored$/);
    expect(lines).toContain('  [CRITICAL] cmc_price_bars_1d: id 1: "high" < low & more');
    expect(lines.slice(-3)).toStrictEqual([
      'Checks: 3 | Passed: 1 | Failed: 1 | Skipped: 1 | Findings: 2 (CRITICAL 1, ERROR 0, WARNING 1)',
      '[FAILED] Validation failed',
      '',
    ]);
  });

  it('says what to do below the findings that it mends', () => {
    const parts: string[] = [];
    const report = tableReport((text) => parts.push(text), { limit: 20 });
    report.finding({ ...finding, message: 'one' });
    report.finding({ ...finding, message: 'two', whatToDo: 'Refresh.' });
    report.finding({ ...finding, message: 'three' });
    report.finish(result);
    const text = parts.join('');
    expect(text).toContain(': one\n  [CRITICAL] cmc_price_bars_1d: three\n  What to do: Look at it.\n');
    expect(text).toContain(': two\n  What to do: Refresh.\n');
  });

  it('shows the worst findings when it may not show all', () => {
    const parts: string[] = [];
    const report = tableReport((text) => parts.push(text), { limit: 1 });
    report.finding({ ...finding, severity: 'WARNING', message: 'mild' });
    report.finding({ ...finding, message: 'grave' });
    const [b04, ...others] = result.checks;
    report.finish({ ...result, checks: [{ ...b04, findings: 2 }, ...others] });
    expect(parts.join('')).toContain('grave');
    expect(parts.join('')).not.toContain('mild');
    expect(parts.join('')).toContain('… and 1 more');
  });
});

describe('the report as JSON', () => {
  it('is one document with every finding', () => {
    const document = JSON.parse(written((write) => jsonReport(write, request))) as Record<string, unknown>;
    expect(document).toMatchObject({
      schema: 1,
      asOf: '2024-07-01T00:00:00.000Z',
      summary: { total: 3, passed: 1, failed: 1, skipped: 1, bySeverity: { CRITICAL: 1 } },
    });
    expect(document['findings']).toStrictEqual([finding, warning].map((found) => ({ ...found, status: 'FAIL' })));
  });
});

describe('the report as CSV', () => {
  it('has a line per finding, quoted where needed', () => {
    const lines = written(csvReport).trimEnd().split('\n');
    expect(lines).toHaveLength(3);
    expect(lines[1]).toBe(
      'B04,ohlc,CRITICAL,cmc_price_bars_1d,1,,,2024-05-15T23:59:59.999Z,,,,"id 1: ""high"" < low & more","{""high"":1}"',
    );
  });
});

describe('the report as JUnit XML', () => {
  it('has a suite per table, failures for what fails, and warnings as output', () => {
    const xml = written(junitReport);
    expect(xml).toContain('<testsuite name="cmc_price_bars_1d" tests="2" failures="1" errors="0" skipped="1">');
    expect(xml).toContain('message="id 1: &quot;high&quot; &lt; low &amp; more"');
    expect(xml).toContain('<system-out>[WARNING]');
    expect(xml).toContain('<skipped message="nothing is stored"/>');
  });

  it('has a failure that comes after a thousand warnings', () => {
    const parts: string[] = [];
    const report = junitReport((text) => parts.push(text));
    for (let n = 0; n < 1000; n++) report.finding({ ...finding, severity: 'WARNING', message: `mild ${n}` });
    report.finding({ ...finding, message: 'grave' });
    report.finish(result);
    expect(parts.join('')).toContain('failures="1"');
    expect(parts.join('')).toContain('[CRITICAL] grave\n… and 1 more</failure>');
  });

  it('has a failure where there was nothing to validate', () => {
    const skipped = result.checks.filter(({ status }) => status === 'SKIPPED');
    const parts: string[] = [];
    junitReport((text) => parts.push(text)).finish({ ...result, checks: skipped, findings: 0 });
    expect(parts.join('')).toContain('failures="1"');
    expect(parts.join('')).toContain('<failure type="ERROR" message="there was nothing to validate"/>');
    expect(written(junitReport)).not.toContain('nothing to validate');
  });

  it('holds no character that XML cannot', () => {
    const parts: string[] = [];
    const report = junitReport((text) => parts.push(text));
    report.finding({ ...finding, message: 'a\u0000b' });
    report.finish(result);
    expect(parts.join('')).toContain('a?b');
  });
});
