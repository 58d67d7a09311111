import { describe, expect, it } from 'vitest';
import { inTurns } from './in-turns.ts';

describe('inTurns', () => {
  it('gives every contender its turn, several times', async () => {
    const calls: string[] = [];
    const contender = (name: string) => ({ name, work: () => calls.push(name) });
    await inTurns([contender('a'), contender('b')], { turns: 2, warmUps: 1, measured: 1 });
    expect(calls).toEqual(['a', 'a', 'b', 'b', 'a', 'a', 'b', 'b']);
  });

  it('counts neither the warm-up nor an outlier', async () => {
    let nowMs = 0;
    const durations = [200, 3, 150, 2];
    const slow = { name: 'slow', work: () => (nowMs += durations.shift() ?? 0) };
    const found = await inTurns([slow], { turns: 1, warmUps: 1, measured: 3 }, () => nowMs);
    expect(found.get('slow')).toBe(3);
  });
});
