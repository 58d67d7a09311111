import { describe, expect, it } from 'vitest';
import { benchOptions, VERSIONS } from './bench-options.ts';

const KNOWN = ['one', 'two', 'three'];

describe('benchOptions', () => {
  it('without arguments is quick and runs everything', () => {
    expect(benchOptions([], KNOWN)).toEqual({ mode: 'quick', help: false });
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

  it('compares versions only with a checkout to compare with', () => {
    const known = [...KNOWN, VERSIONS];
    expect(() => benchOptions(['--only', VERSIONS], known)).toThrow('--against DIR');
    expect(benchOptions(['--only', VERSIONS, '--against', 'other'], known)).toMatchObject({ against: 'other' });
  });
});
