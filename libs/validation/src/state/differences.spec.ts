import type { Standing } from '@ta/pipeline';
import { describe, expect, it } from 'vitest';
import { dailyDifferences } from './differences.ts';

const DAILY = { zone: 'UTC', dayRules: '1:0', tradingDays: 'calendar', revision: 3, newestRevision: 3 };

/** What is said of the state of the daily bars where a run has this reason for its 1D step. */
function said(reason: string, daily: Partial<Record<keyof typeof DAILY, unknown>> | null = {}) {
  const standing = {
    facts: { id: 7, daily: daily && { ...DAILY, ...daily }, tradingDays: 'market' },
    steps: [{ table: '1d', action: { reason } }],
  };
  return dailyDifferences(standing as unknown as Standing);
}

function difference(field: string, state: string | null, actual: string) {
  return [{ table: 'cmc_price_bars_1d_state', id: 7, tf: null, field, state, actual }];
}

describe('the state of the daily bars', () => {
  it('differs in what the run has as its reason', () => {
    expect(said('zone_changed')).toEqual(difference('tz', 'UTC', 'another'));
    expect(said('trading_days_changed')).toEqual(difference('trading_days', 'calendar', 'market'));
    expect(said('day_rules_changed')).toEqual(difference('day_rules', '1:0', 'others'));
  });

  it('that is not true differs in the revision where that is not its newest, else in the rules of its days', () => {
    expect(said('untrue_state', { revision: 2 })).toEqual(difference('revision', '2', '3'));
    expect(said('untrue_state', { revision: 2, dayRules: null })).toEqual(difference('revision', '2', '3'));
    expect(said('untrue_state', { dayRules: null })).toEqual(difference('day_rules', null, 'others'));
  });

  it('differs in nothing of its own where its newest bar is what is not true, or the source has more', () => {
    expect(said('untrue_state')).toEqual([]);
    expect(said('later_rows')).toEqual([]);
    expect(said('zone_changed', null)).toEqual([]);
  });
});
