import { describe, expect, it } from 'vitest';
import { ALERT_SEVERITIES, type AlertSeverity, compareUrgency, parseSeverity, passesThreshold } from './threshold.ts';

describe('passesThreshold', () => {
  // rows: threshold; columns: INFO, WARNING, ERROR, CRITICAL (docs/operations.md#alerts)
  const goesOut: Record<AlertSeverity, boolean[]> = {
    INFO: [true, true, true, true],
    WARNING: [false, true, true, true],
    ERROR: [false, false, true, true],
    CRITICAL: [false, false, false, true],
  };
  for (const threshold of ALERT_SEVERITIES) {
    for (const [column, severity] of ALERT_SEVERITIES.entries()) {
      const isOut = goesOut[threshold][column];
      it(`${severity} ${isOut ? 'goes out' : 'stays in'} under the threshold ${threshold}`, () => {
        expect(passesThreshold(severity, threshold)).toBe(isOut);
      });
    }
  }

  it('lets CRITICAL out under a threshold above all severities', () => {
    expect(passesThreshold('CRITICAL', 'NONE' as AlertSeverity)).toBe(true);
  });
});

describe('parseSeverity', () => {
  it('takes a label in any case with blanks around', () => {
    expect([' warning', 'Critical', 'INFO\n'].map(parseSeverity)).toEqual(['WARNING', 'CRITICAL', 'INFO']);
  });
  it('knows no other words', () => {
    expect(['', 'WARN', 'ERR', '2', 'ERROR,INFO'].map(parseSeverity)).toEqual([null, null, null, null, null]);
  });
});

describe('compareUrgency', () => {
  it('puts the most urgent first', () => {
    expect([...ALERT_SEVERITIES].sort(compareUrgency)).toEqual(['CRITICAL', 'ERROR', 'WARNING', 'INFO']);
  });
});
