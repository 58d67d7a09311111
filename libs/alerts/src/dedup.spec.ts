import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { dedupKey, dedupWindowMs, isRepeat } from './dedup.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const now = Date.UTC(2026, 0, 2, 6);

describe('dedupKey', () => {
  const alert = { event: 'missing_data', component: 'bars', ids: [52, 1], check: 'B07' } as const;

  it('is a SHA-256 of event, component, sorted ids and check', () => {
    const text = '["missing_data","bars",[1,52],"B07"]';
    expect(dedupKey(alert)).toBe(createHash('sha256').update(text).digest('hex'));
  });
  it('does not depend on the order or the number of mentions of ids', () => {
    expect(dedupKey({ ...alert, ids: [1, 52, 1] })).toBe(dedupKey(alert));
  });
  it('sorts ids as numbers', () => {
    expect(dedupKey({ ...alert, ids: [9, 10] })).toBe(dedupKey({ ...alert, ids: [10, 9] }));
  });
  it('differs when any part differs', () => {
    const others = [
      { ...alert, event: 'bars_stale' as const },
      { ...alert, component: 'emas' },
      { ...alert, component: undefined },
      { ...alert, ids: [1] },
      { ...alert, ids: [152] },
      { ...alert, check: undefined },
      { ...alert, component: 'barsB07', check: '' },
    ];
    expect(new Set([alert, ...others].map(dedupKey)).size).toBe(others.length + 1);
  });
});

describe('isRepeat', () => {
  const sent = (agoMs: number, severity: 'ERROR' | 'CRITICAL' | 'WARNING' = 'ERROR') => ({
    sentAtMs: now - agoMs,
    severity,
  });

  it('is false for what was never sent', () => {
    expect(isRepeat(null, 'ERROR', now, HOUR_MS)).toBe(false);
  });
  it('is true until the last millisecond of 60 minutes', () => {
    expect(isRepeat(sent(HOUR_MS - 1), 'ERROR', now, HOUR_MS)).toBe(true);
    expect(isRepeat(sent(HOUR_MS), 'ERROR', now, HOUR_MS)).toBe(false);
  });
  it('is true until the last millisecond of 15 minutes for CRITICAL', () => {
    expect(isRepeat(sent(15 * MINUTE_MS - 1, 'CRITICAL'), 'CRITICAL', now, HOUR_MS)).toBe(true);
    expect(isRepeat(sent(15 * MINUTE_MS, 'CRITICAL'), 'CRITICAL', now, HOUR_MS)).toBe(false);
  });
  it('is false when the condition became more urgent', () => {
    expect(isRepeat(sent(1), 'CRITICAL', now, HOUR_MS)).toBe(false);
    expect(isRepeat(sent(1, 'CRITICAL'), 'ERROR', now, HOUR_MS)).toBe(true);
  });
  it('forgets a send that lies further in the future than one window', () => {
    expect(isRepeat(sent(-HOUR_MS + 1), 'ERROR', now, HOUR_MS)).toBe(true);
    expect(isRepeat(sent(-HOUR_MS), 'ERROR', now, HOUR_MS)).toBe(false);
  });
  it('is never true with a window of 0', () => {
    expect(isRepeat(sent(0), 'ERROR', now, 0)).toBe(false);
    expect(isRepeat(sent(0, 'CRITICAL'), 'CRITICAL', now, 0)).toBe(false);
  });
});

describe('dedupWindowMs', () => {
  it('never makes CRITICAL wait longer than other severities', () => {
    expect(dedupWindowMs('CRITICAL', HOUR_MS)).toBe(15 * MINUTE_MS);
    expect(dedupWindowMs('CRITICAL', 5 * MINUTE_MS)).toBe(5 * MINUTE_MS);
    expect(dedupWindowMs('ERROR', 5 * MINUTE_MS)).toBe(5 * MINUTE_MS);
  });
});
