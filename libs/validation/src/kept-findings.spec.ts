import { describe, expect, it } from 'vitest';
import type { Finding } from './finding.ts';
import { KeptFindings } from './kept-findings.ts';

describe('kept findings', () => {
  it('are the worst of a check, whatever the order in which they came', () => {
    const kept = new KeptFindings(2);
    for (const severity of ['WARNING', 'ERROR', 'CRITICAL'] as const) kept.add({ check: 'B01', severity } as Finding);
    expect(kept.worstFirst().map(({ severity }) => severity)).toStrictEqual(['CRITICAL', 'ERROR']);
  });
});
