import { describe, expect, it } from 'vitest';
import { benchOptions } from './bench-options.ts';

const KNOWN = ['one', 'two', 'three'];

describe('benchOptions', () => {
  it('without arguments is quick and runs everything', () => {
    expect(benchOptions([], KNOWN)).toEqual({ mode: 'quick', only: undefined, jsonFile: undefined, help: false });
  });

  it('takes scenarios from one flag or from several', () => {
    expect(benchOptions(['--full', '--only', 'one,two', '--only=three'], KNOWN)).toMatchObject({
      mode: 'full',
      only: KNOWN,
    });
  });

  it('refuses unknown scenarios and flags, and two modes at once', () => {
    expect(() => benchOptions(['--only', 'one,four'], KNOWN)).toThrow('four: expected some of one, two, three');
    expect(() => benchOptions(['--slow'], KNOWN)).toThrow('--slow');
    expect(() => benchOptions(['--quick', '--full'], KNOWN)).toThrow('exclude');
  });
});
