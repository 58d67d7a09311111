import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = path.resolve(import.meta.dirname, '../..');
const read = (file: string) => readFileSync(path.join(ROOT, file), 'utf8');

describe('the page on state', () => {
  it('has a section for each table of state, rejects and runs, as the schema has it', () => {
    const ran = spawnSync(process.execPath, ['tools/bin/state-docs.mjs', '--check'], { cwd: ROOT, encoding: 'utf8' });
    expect(ran.status, ran.stderr).toBe(0);
    const sections = [...read('docs/state-management.md').matchAll(/^### (\w+)$/gm)].map(([, name]) => name);
    for (const table of ['cmc_price_bars_1d_state', 'cmc_ema_state', 'ema_rejects', 'ops_runs', 'ops_settings']) {
      expect(sections).toContain(table);
    }
  });
});

describe('the glossary', () => {
  it.each([
    'README.md',
    ...['operations', 'state-management', 'import', 'chart-page'].map((page) => `docs/${page}.md`),
  ])('is linked from %s', (page) => {
    expect(read(page)).toMatch(/\]\((docs\/)?glossary\.md\)/);
  });
});

it('links between pages lead somewhere', () => {
  const pages = ['README.md', ...readdirSync(path.join(ROOT, 'docs')).map((name) => `docs/${name}`)];
  for (const page of pages.filter((name) => name.endsWith('.md'))) {
    for (const [, target] of read(page).matchAll(/\]\((?!https?:)([^)#]+)(?:#[^)]*)?\)/g)) {
      const file = path.join(ROOT, path.dirname(page), target as string);
      expect(() => readdirSync(path.dirname(file)), `${page}: ${target}`).not.toThrow();
      expect(readdirSync(path.dirname(file)), `${page}: ${target}`).toContain(path.basename(file));
    }
  }
});
