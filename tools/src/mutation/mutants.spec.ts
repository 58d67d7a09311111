import { describe, expect, it } from 'vitest';
import { mutantsOf, mutated, placeOf } from './mutants.ts';

const TEXT = [
  'const limit: 1 | 2 = 2;',
  'if (a <= limit && b !== c) throw new Error("a" + 1);',
  'export const on = true;',
].join('\n');

describe('mutants', () => {
  it('are operators, booleans and small numbers; types and errors have none', () => {
    const told = mutantsOf('x.ts', TEXT).map(
      ({ line, column, before, after }) => `${line}:${column} ${before} to ${after}`,
    );
    expect(told).toEqual(['1:22 2 to 3', '2:16 && to ||', '2:7 <= to <', '2:21 !== to ===', '3:19 true to false']);
  });

  it('change one token', () => {
    const texts = mutantsOf('x.ts', TEXT).map((mutant) => mutated(TEXT, mutant));
    expect(texts[1]).toBe(TEXT.replace('&&', '||'));
    expect(new Set(texts).size).toBe(5);
    expect(() => mutated('other', mutantsOf('x.ts', TEXT)[0])).toThrow('not what the mutant was made of');
  });

  it('have the same place in another version of the file that has the same line', () => {
    const other = `// more\n${TEXT.replace('= 2', '= 5')}`;
    const places = (text: string) => mutantsOf('x.ts', text).map((mutant) => placeOf(text, mutant));
    const common = places(other).filter((place) => places(TEXT).includes(place));
    expect(common).toEqual(places(TEXT).slice(1));
  });
});
