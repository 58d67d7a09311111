import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

const ROOT = path.resolve(import.meta.dirname, '../..');

/** Source files of the repository, relative to its root. */
const FILES = execFileSync('git', ['ls-files', '*.ts', '*.tsx', '*.mts'], { cwd: ROOT, encoding: 'utf8' })
  .split('\n')
  .filter((file) => file !== '' && !file.endsWith('.d.ts'));

/** Which files a file names in its imports: those of types and those made while it runs included. */
function importsOf(file: string, text: string, isFile: (name: string) => boolean): string[] {
  return ts
    .preProcessFile(text, true, true)
    .importedFiles.map(({ fileName }) => path.posix.join(path.posix.dirname(file), fileName))
    .filter(isFile);
}

/** Circles of files that import each other, each as the files on its way; the shortest way back to a file alone. */
function circlesOf(imports: ReadonlyMap<string, readonly string[]>): string[] {
  const circles = new Set<string>();
  for (const start of imports.keys()) {
    const cameFrom = new Map<string, string>();
    const waiting = [start];
    for (const file of waiting) {
      for (const next of imports.get(file) ?? []) {
        if (next === start) {
          const way = [file];
          while (way[0] !== start) way.unshift(cameFrom.get(way[0] as string) as string);
          const first = way.indexOf([...way].sort()[0] as string);
          circles.add([...way.slice(first), ...way.slice(0, first)].join(' -> '));
        } else if (!cameFrom.has(next)) {
          cameFrom.set(next, file);
          waiting.push(next);
        }
      }
    }
  }
  return [...circles].sort();
}

describe('imports', () => {
  it('a circle is found: of two files, of types alone, and of a file loaded while it runs', () => {
    const files: Record<string, string> = {
      'a.ts': `import type { B } from './b.ts';`,
      'b.ts': `export { a } from './deep/c.ts';`,
      'deep/c.ts': `const a = await import('../a.ts');`,
      'd.ts': `import { b } from './b.ts';\n// import './d.ts'`,
    };
    const imports = Object.entries(files).map(
      ([file, text]) => [file, importsOf(file, text, (name) => name in files)] as const,
    );
    expect(circlesOf(new Map(imports))).toEqual(['a.ts -> b.ts -> deep/c.ts']);
  });

  it('no file of the repository imports itself, by whatever way', () => {
    const known = new Set(FILES);
    const imports = FILES.map((file) => {
      const text = readFileSync(path.join(ROOT, file), 'utf8');
      return [file, importsOf(file, text, (name) => known.has(name))] as const;
    });
    expect(imports.flatMap(([, found]) => found).length).toBeGreaterThan(1_000);
    expect(circlesOf(new Map(imports))).toEqual([]);
  });
});
