import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = path.resolve(import.meta.dirname, '../..');
const read = (file: string) => readFileSync(path.join(ROOT, file), 'utf8');

const tracked = spawnSync('git', ['ls-files', '-z'], { cwd: ROOT, encoding: 'utf8', maxBuffer: 1e8 })
  .stdout.split('\0')
  .filter((file) => existsSync(path.join(ROOT, file)));
/** Migrations are recorded by their hash, so what they say stays. */
const sources = tracked.filter((file) => /\.(ts|tsx|mjs|mts|sql|css)$/.test(file) && !/\/drizzle\//.test(file));
const pages = tracked.filter(
  (file) => /^([^/]+|docs\/.*|(apps|libs|tools)\/.*)\.md$/.test(file) && file !== 'CHANGELOG.md',
);

/** This file names what it looks for. */
const SELF = 'tools/test/pointers.spec.ts';

/** The anchors that GitHub gives to the headings of a page. */
const anchors = new Map<string, ReadonlySet<string>>();
function anchorsOf(page: string): ReadonlySet<string> {
  let found = anchors.get(page);
  if (found === undefined) {
    const headings = [
      ...read(page)
        .replaceAll(/^```.*?^```/gms, '')
        .matchAll(/^#+ (.+)$/gm),
    ].map(([, text]) => text);
    found = new Set(
      headings.map((text) =>
        text
          .toLowerCase()
          .replaceAll(/[^\p{L}\p{N}_ -]/gu, '')
          .replaceAll(' ', '-'),
      ),
    );
    anchors.set(page, found);
  }
  return found;
}

/** What is wrong with a pointer to a page, by its path from the root; null where nothing is. */
function wrong(target: string): string | null {
  const [page, anchor] = target.split('#') as [string, string | undefined];
  if (!existsSync(path.join(ROOT, page))) return 'no such page';
  return anchor === undefined || anchorsOf(page).has(anchor) ? null : 'no such heading';
}

const lines = (files: readonly string[]) =>
  files.flatMap((file) =>
    read(file)
      .split('\n')
      .map((text, i) => ({ at: `${file}:${i + 1}`, file, text })),
  );

describe('a pointer to a page', () => {
  it('in a source file names a page and a heading of the repository', () => {
    const broken = lines(sources).flatMap(({ at, text }) =>
      [...text.matchAll(/(?<![\w./-])((?:docs|libs|apps)\/[\w./-]+\.md(?:#[\w-]+)?)/g)]
        .map(([, target]) => ({ at, target, why: wrong(target) }))
        .filter(({ why }) => why !== null),
    );
    expect(broken).toStrictEqual([]);
  });

  it('in a page leads to a heading that is there', () => {
    const broken = lines(pages).flatMap(({ at, file, text }) =>
      [...text.matchAll(/\]\((?!https?:)([^)#\s]*)(#[^)\s]+)\)/g)]
        .map(([, page, anchor]) => (page === '' ? file : path.join(path.dirname(file), page)) + anchor)
        .map((target) => ({ at, target, why: wrong(target) }))
        .filter(({ why }) => why !== null),
    );
    expect(broken).toStrictEqual([]);
  });

  it('never names a specification outside of the repository', () => {
    const outside = lines([...sources, ...pages]).filter(
      ({ text, file }) =>
        file !== SELF &&
        /(?<![\w/'`[-]|\]\()(?:bars|emas|operations|style)\.md(?!['`#])|\bruling \d|\bspec README\b/i.test(text),
    );
    expect(outside.map(({ at, text }) => `${at}: ${text.trim()}`)).toStrictEqual([]);
  });
});
