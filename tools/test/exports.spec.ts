import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = path.resolve(import.meta.dirname, '../..');
const EXPORTED = /^export (?:async )?(?:function\*?|const|class) (\w+)/gm;

/** Values that a source file exports and no other file names. The list of exports of a package is another file. */
function onlyAtHome(texts: ReadonlyMap<string, string>): string[] {
  const naming = new Map<string, number>();
  for (const text of texts.values()) {
    for (const word of new Set(text.match(/\w+/g))) naming.set(word, (naming.get(word) ?? 0) + 1);
  }
  return [...texts]
    .filter(([file]) => /\/src\/.*\.ts$/.test(file) && !file.endsWith('.spec.ts'))
    .flatMap(([file, text]) => [...text.matchAll(EXPORTED)].map(([, name]) => [file, name] as const))
    .filter(([, name]) => naming.get(name) === 1)
    .map(([file, name]) => `${file}: ${name}`);
}

describe('exports', () => {
  it('that no other file uses are found', () => {
    const texts = new Map([
      ['a/src/a.ts', 'export const used = 1;\nexport function* unused() {}\nexport class Listed {}\nconst own = 2;'],
      ['a/src/index.ts', `export { Listed } from './a.ts';`],
      ['a/src/b.spec.ts', `import { used } from './a.ts';\nexport const ofSpec = used;`],
    ]);
    expect(onlyAtHome(texts)).toEqual(['a/src/a.ts: unused']);
  });

  it('of the repository are used by another file', () => {
    const files = execFileSync('git', ['ls-files', '*.ts', '*.mjs'], { cwd: ROOT, encoding: 'utf8' })
      .trim()
      .split('\n');
    expect(files.length).toBeGreaterThan(500);
    const texts = new Map(files.map((file) => [file, readFileSync(path.join(ROOT, file), 'utf8')]));
    expect(onlyAtHome(texts)).toEqual([]);
  });
});
