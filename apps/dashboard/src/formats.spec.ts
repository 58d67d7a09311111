import { describe, expect, it } from 'vitest';
import { durationText } from './formats.ts';

describe('a duration', () => {
  it.each([
    [850, '850 ms'],
    [999.6, '1.0 s'],
    [12_340, '12.3 s'],
    [59_960, '1 min 0 s'],
    [119_600, '2 min 0 s'],
    [245_000, '4 min 5 s'],
  ])('of %d ms is %s', (ms, text) => {
    expect(durationText(ms)).toBe(text);
  });
});
