import { describe, expect, it } from 'vitest';
import { failureIn, projectOf } from './ordered-specs.ts';

const SPECS = ['libs/a/src/x.spec.ts', 'libs/a/src/y.spec.ts', 'tools/test/z.spec.ts'];

describe('what a run of specs told', () => {
  it('is nothing when it passed', () => {
    expect(failureIn(SPECS.map((spec) => `passed ${spec}\n`).join(''), SPECS, true)).toBeNull();
  });

  it('names the spec that failed, not one that it kept from running', () => {
    expect(failureIn(`passed ${SPECS[0]}\nfailed ${SPECS[1]}\nskipped ${SPECS[2]}\n`, SPECS, false)).toBe(SPECS[1]);
  });

  it('means the spec whose turn it was where the run ended before it told of one', () => {
    expect(failureIn(`passed ${SPECS[0]}\n`, SPECS, false)).toBe(SPECS[1]);
    expect(failureIn('', SPECS, false)).toBe(SPECS[0]);
  });

  it('means the last spec where all had passed and the run failed after them', () => {
    expect(failureIn(SPECS.map((spec) => `passed ${spec}\n`).join(''), SPECS, false)).toBe(SPECS[2]);
  });
});

describe('the project of a spec', () => {
  it('is its folder below libs and apps, and else the first of its path', () => {
    expect(SPECS.map(projectOf)).toEqual(['a', 'a', 'tools']);
  });
});
