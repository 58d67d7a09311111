import { describe, expect, it } from 'vitest';
import { splitLine } from './split-line.ts';

describe('splitLine', () => {
  it.each([
    ['a,b,c', ['a', 'b', 'c']],
    [' a , b ,', ['a', 'b', '']],
    [',', ['', '']],
    ['"a","b"', ['a', 'b']],
    ['"a,b",c', ['a,b', 'c']],
    ['"say ""hi""",x', ['say "hi"', 'x']],
    ['""', ['']],
    ['"",""', ['', '']],
    [' "a" , "b" ', ['a', 'b']],
    ['a,"b",', ['a', 'b', '']],
    ['""""', ['"']],
  ])('cuts %j', (line, fields) => {
    expect(splitLine(line, ',')).toEqual(fields);
  });

  it.each([
    ['a,"b', 'unclosed_quote'],
    ['"a""', 'unclosed_quote'],
    ['"a"b,c', 'misplaced_quote'],
    ['a"b,c', 'misplaced_quote'],
    ['a,b"', 'misplaced_quote'],
  ])('refuses %j as %s', (line, problem) => {
    expect(splitLine(line, ',')).toBe(problem);
  });

  it('cuts at the given delimiter only', () => {
    expect(splitLine('a,b;"c;d"', ';')).toEqual(['a,b', 'c;d']);
  });
});
