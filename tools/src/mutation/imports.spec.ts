import { describe, expect, it } from 'vitest';
import { distancesTo, importersOf } from './imports.ts';

const ENTRIES = new Map([['@ta/lib', 'lib/index.ts']]);

function distances(target: string, files: Record<string, string>): Record<string, number> {
  return Object.fromEntries(distancesTo(target, importersOf(new Map(Object.entries(files)), ENTRIES)));
}

describe('the distance of a file from one that it imports', () => {
  it('counts the files on the shortest way', () => {
    const files = {
      'src/a.ts': '',
      'src/b.ts': `import { a } from './a.ts';`,
      'test/far.spec.ts': `import { b } from '../src/b.ts';`,
      'test/near.spec.ts': `import { b } from '../src/b.ts';\nimport { a } from '../src/a.ts';`,
      'test/other.spec.ts': `import { readFileSync } from 'node:fs';`,
    };
    const expected = { 'src/a.ts': 0, 'src/b.ts': 1, 'test/near.spec.ts': 1, 'test/far.spec.ts': 2 };
    expect(distances('src/a.ts', files)).toEqual(expected);
  });

  it('leads through an index to the file that has the name, and not to its neighbours', () => {
    const files = {
      'lib/a.ts': 'export const a = 1, c = 2;',
      'lib/b.ts': 'export const b = 1;',
      'lib/inner.ts': `export { c as inner } from './a.ts';`,
      'lib/index.ts': `export { a } from './a.ts';\nexport { b as second } from './b.ts';\nexport * from './inner.ts';`,
      'takes-a.ts': `import { a } from '@ta/lib';`,
      'takes-b.ts': `import { second } from '@ta/lib';`,
      'takes-inner.ts': `import { inner as mine } from '@ta/lib';`,
      'takes-all.ts': `import * as lib from '@ta/lib';`,
    };
    const { 'lib/index.ts': index, 'lib/inner.ts': inner, ...takers } = distances('lib/a.ts', files);
    expect([index, inner]).toEqual([1, 1]);
    expect(takers).toEqual({ 'lib/a.ts': 0, 'takes-a.ts': 1, 'takes-inner.ts': 1, 'takes-all.ts': 2 });
  });

  it('goes by what is loaded while the program runs, and not by types', () => {
    const files = {
      'a.ts': '',
      'by-type.ts': `import type { A } from './a.ts';\nimport { type B } from './a.ts';\nexport type { C } from './a.ts';`,
      'late.ts': `export const load = async () => (await import('./a.ts')).a;`,
      'at-once.ts': `import './a.ts';`,
      'by-default.ts': `import a from './a.ts';`,
    };
    expect(distances('a.ts', files)).toEqual({ 'a.ts': 0, 'late.ts': 1, 'at-once.ts': 1, 'by-default.ts': 1 });
  });
});
