import { describe, expect, it } from 'vitest';
import { earliestChange } from './earliest-change.ts';

describe('the earliest change not yet consumed', () => {
  const revisions = [
    { revision: 1, firstTs: 300 },
    { revision: 2, firstTs: 100 },
    { revision: 3, firstTs: 200 },
  ];

  it.each([
    [0, 100],
    [1, 100],
    [2, 200],
    [3, null],
  ])('after revision %i it is %s', (consumed, earliest) => {
    expect(earliestChange(revisions, consumed)).toBe(earliest);
  });
});
