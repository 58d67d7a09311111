import { describe, expect, it } from 'vitest';
import type { FindingEntry } from '@ta/dashboard-server/api';
import { findingsText, validationsOf } from './validations.ts';

const NEWEST_MS = Date.parse('2024-07-02T06:00:00Z');

/** Rows of a validation as the server sends them: its checks, then its findings. */
function rows(runId: string, checks: number, findings: number): FindingEntry[] {
  const row = { runId, checkedMs: NEWEST_MS, check: 'B03', name: 'gaps-1d', severity: 'WARNING' };
  const empty = { id: null, tf: null, period: null, key: null, expected: null, actual: null, message: null };
  return Array.from({ length: checks + findings }, (_, i) => ({
    ...{ ...row, ...empty, status: 'FAIL', resultId: -i },
    table: i < checks ? null : 'cmc_price_bars_1d',
  }));
}

/** @param next the validation of the newest row that was not sent */
function shown(results: FindingEntry[], next: string | null) {
  const beyond = next === null ? null : { runId: next, checkedMs: NEWEST_MS };
  return validationsOf({ results, next: beyond }).map((one) => [
    one.title,
    one.checks.length,
    one.findings.length,
    findingsText(one),
  ]);
}

describe('the validations of an answer', () => {
  it('come in its order, each with its checks and findings', () => {
    expect(shown([...rows('b', 3, 2), ...rows('a', 3, 0)], null)).toStrictEqual([
      ['2024-07-02 06:00Z b', 3, 2, '2 findings'],
      ['2024-07-02 06:00Z a', 3, 0, 'No finding.'],
    ]);
  });

  it('say of the last one how much of it is shown where older rows of it are not sent', () => {
    expect(shown([...rows('b', 3, 2), ...rows('a', 3, 1)], 'a')).toStrictEqual([
      ['2024-07-02 06:00Z b', 3, 2, '2 findings'],
      ['2024-07-02 06:00Z a', 3, 1, '1 findings: only the newest 4 rows of this validation are shown'],
    ]);
  });

  it.each([[3, 0] as const, [1, 0] as const])(
    'leave out the last one where older rows of it are not sent, and none of its findings is (%i checks)',
    (checks, findings) => {
      expect(shown([...rows('b', 3, 2), ...rows('a', checks, findings)], 'a')).toStrictEqual([
        ['2024-07-02 06:00Z b', 3, 2, '2 findings'],
      ]);
    },
  );

  it('say of a single one how much of it is shown where older rows of it are not sent', () => {
    expect(shown(rows('b', 3, 997), 'b')).toStrictEqual([
      ['2024-07-02 06:00Z b', 3, 997, '997 findings: only the newest 1,000 rows of this validation are shown'],
    ]);
    expect(shown(rows('b', 1_000, 0), 'b')).toStrictEqual([
      ['2024-07-02 06:00Z b', 1_000, 0, 'Only the newest 1,000 rows of this validation are shown.'],
    ]);
  });

  it('are complete where the older rows that are not sent are those of another one', () => {
    expect(shown(rows('b', 3, 997), 'a')).toStrictEqual([['2024-07-02 06:00Z b', 3, 997, '997 findings']]);
    expect(shown([...rows('c', 3, 2), ...rows('b', 3, 0)], 'a')).toStrictEqual([
      ['2024-07-02 06:00Z c', 3, 2, '2 findings'],
      ['2024-07-02 06:00Z b', 3, 0, 'No finding.'],
    ]);
  });
});
