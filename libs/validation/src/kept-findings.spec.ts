import { describe, expect, it } from 'vitest';
import type { Finding } from './finding.ts';
import { KeptFindings } from './kept-findings.ts';

describe('kept findings', () => {
  it('are the worst of a check, whatever the order in which they came', () => {
    const kept = new KeptFindings(2);
    for (const severity of ['WARNING', 'ERROR', 'CRITICAL'] as const) kept.add({ check: 'B01', severity } as Finding);
    expect(kept.worstFirst().map(({ severity }) => severity)).toStrictEqual(['CRITICAL', 'ERROR']);
  });

  it('are the first of equal ones in the order of arrival, and the last of the mildest makes way for a worse one', () => {
    const kept = new KeptFindings(3);
    const found = ['WARNING 1', 'ERROR 2', 'WARNING 3', 'WARNING 4', 'ERROR 5', 'ERROR 6', 'ERROR 7', 'CRITICAL 8'];
    for (const message of found) kept.add({ check: 'B01', severity: message.split(' ')[0], message } as Finding);
    expect(kept.of('B01').map(({ message }) => message)).toStrictEqual(['ERROR 2', 'ERROR 5', 'CRITICAL 8']);
  });
});
