import { describe, expect, it } from 'vitest';
import type { RefreshRequest } from '@ta/pipeline';
import { validationChoice } from './run-validation.ts';

const given: Partial<RefreshRequest> = {
  ids: [1, 2],
  nowMs: 0,
  stalenessHours: 48,
  skipStaleCheck: false,
  concurrency: 4,
};
const request = given as RefreshRequest;

describe('the validation of a run', () => {
  it('draws the same sample all day, and another one the next day', () => {
    const seedAt = (instant: string) => validationChoice({}, { ...request, nowMs: Date.parse(instant) }).seed;
    expect(seedAt('2024-07-01T23:59:59.999Z')).toBe(seedAt('2024-07-01T00:00:00Z'));
    expect(seedAt('2024-07-02T00:00:00Z')).not.toBe(seedAt('2024-07-01T23:59:59.999Z'));
  });

  it.each([
    [{}, null],
    [{ ids: ['all'] }, null],
    [{ ids: ['1', '2'] }, [1, 2]],
    [{ shard: '1/2' }, [1, 2]],
    [{ resume: 'run' }, [1, 2]],
  ])('of %j is about %j', (flags, ids) => {
    expect(validationChoice(flags, request).ids).toStrictEqual(ids);
  });
});
