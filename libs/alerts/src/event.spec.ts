import { describe, expect, it } from 'vitest';
import { ALERT_EVENTS, type AlertEvent, mergeEvents, severityOf } from './event.ts';

const stale = (ids: number[], more: Partial<AlertEvent> = {}): AlertEvent => ({
  event: 'bars_stale',
  severity: 'WARNING',
  title: 'Bars are stale',
  body: [`Bars stale for IDs: [${ids.join(', ')}]`],
  ids,
  component: 'emas',
  runId: 'r1',
  ...more,
});

describe('severityOf', () => {
  it('is the table of docs/operations.md#alerts', () => {
    expect(ALERT_EVENTS).toEqual({
      db_connection: 'CRITICAL',
      ohlc_corruption: 'CRITICAL',
      schema_mismatch: 'CRITICAL',
      component_failed: 'ERROR',
      component_timeout: 'ERROR',
      run_failed: 'ERROR',
      run_crashed: 'ERROR',
      validation_failed: 'ERROR',
      ema_bounds: 'ERROR',
      missing_data: 'ERROR',
      bars_stale: 'WARNING',
      backfill_detected: 'WARNING',
      run_ok: 'INFO',
      run_recovered: 'INFO',
      test: 'INFO',
    });
    expect(severityOf('ema_bounds')).toBe('ERROR');
  });
  it('raises stale bars to ERROR when every requested id is stale', () => {
    expect(severityOf('bars_stale', { staleCount: 1, requestedCount: 2 })).toBe('WARNING');
    expect(severityOf('bars_stale', { staleCount: 2, requestedCount: 2 })).toBe('ERROR');
    expect(severityOf('bars_stale', { staleCount: 0, requestedCount: 0 })).toBe('WARNING');
  });
  it('raises failed validation to CRITICAL and never lowers it', () => {
    expect(severityOf('validation_failed', { worstFinding: 'CRITICAL' })).toBe('CRITICAL');
    expect(severityOf('validation_failed', { worstFinding: 'WARNING' })).toBe('ERROR');
  });
});

describe('mergeEvents', () => {
  it('keeps a single event as it is', () => {
    expect(mergeEvents([stale([825])])).toEqual({ ...stale([825]), details: [], check: undefined });
  });
  it('unites ids in ascending order, each once', () => {
    expect(mergeEvents([stale([825, 52]), stale([1, 52])]).ids).toEqual([1, 52, 825]);
  });
  it('tells as details what only the later events say', () => {
    const merged = mergeEvents([stale([825]), stale([52], { details: ['52: 49.0 h'] }), stale([52])]);
    expect(merged.body).toEqual(['Bars stale for IDs: [825]']);
    expect(merged.details).toEqual(['Bars stale for IDs: [52]', '52: 49.0 h']);
  });
  it('lets the most urgent event speak, the earliest of equals', () => {
    const merged = mergeEvents([
      stale([1]),
      stale([2], { severity: 'ERROR', title: 'All bars are stale' }),
      stale([3], { severity: 'ERROR', title: 'later' }),
    ]);
    expect(merged).toMatchObject({ severity: 'ERROR', title: 'All bars are stale', body: ['Bars stale for IDs: [2]'] });
    expect(merged.details).toContain('Bars are stale');
  });
  it('names every check once, in order', () => {
    const found = (check: string) => stale([1], { event: 'validation_failed', check });
    expect(mergeEvents([found('B07'), found('B03'), found('B07')]).check).toBe('B03,B07');
  });
});
