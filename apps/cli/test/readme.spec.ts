import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openDatabase } from '@ta/state-store';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PRICES_FOLDER } from '../../../libs/pipeline/test/real-prices.ts';
import { useCatalogue } from '../../../libs/pipeline/test/test-database.ts';
import { openOnce } from './kit/open-once.ts';
import { blocksOf, copyPriceFiles, FILES, hasPrinted, tidy, type Printed } from './kit/page-blocks.ts';
import { runInside } from './kit/run-inside.ts';

const CLONE = path.resolve(import.meta.dirname, '../../..');
const MODULES: Readonly<Record<string, () => Promise<object>>> = { '@ta/notebook': () => import('@ta/notebook') };
const HAS_PANDAS = "import sys, importlib.util; sys.exit(importlib.util.find_spec('pandas') is None)";
const PYTHON = ['python3', '/usr/bin/python3'].find(
  (program) => spawnSync(program, ['-c', HAS_PANDAS], { stdio: 'ignore' }).status === 0,
);

/** What the pages show, and one timeframe of each other family: all of the catalogue takes most of a minute to build. */
const CATALOGUE = {
  timeframes: ['1D', '7D', '1W_CAL_ISO', '1W_CAL_US', '1W_CAL_ANCHOR_ISO', '1W_CAL_ANCHOR_US'],
  periods: [21],
};

/** Words of a command line as a shell reads them, as far as these pages go: quotes, and comments at the end. */
function wordsOf(line: string): string[] {
  const words = [...line.matchAll(/\s*(?:"([^"]*)"|(#.*)|([^\s"]+))/g)];
  return words
    .filter(([, , comment]) => comment === undefined)
    .map(([, quoted, , plain]) => quoted ?? (plain as string));
}

const hasPrices = existsSync(PRICES_FOLDER);
if (!hasPrices) process.stderr.write(`\nSKIPPED: the blocks of the README (${PRICES_FOLDER} is missing)\n\n`);
if (PYTHON === undefined)
  process.stderr.write('\nSKIPPED: the pandas blocks of the README (no python3 with pandas)\n\n');

/**
 * What a new user does: the blocks of the README and of the pages that go on from it, one after the other in an empty folder.
 * A text block is the end of what each block above it printed.
 */
describe.skipIf(!hasPrices)('the README, copied block by block', () => {
  let root: string;
  let close: () => Promise<void>;
  const env = { PATH: process.env['PATH'] as string };

  beforeAll(async () => {
    root = await mkdtemp(path.join(tmpdir(), 'ta-readme-'));
    copyPriceFiles(root, { 'cardano.csv': 60 });
    expect(await runInside(['db', 'migrate'], { root, env })).toMatchObject({ code: 0 });
    const dir = path.join(root, '.data/pg');
    close = openOnce(dir);
    const database = await openDatabase({ engine: 'pglite', dir, source: 'test' });
    await useCatalogue(database, CATALOGUE);
    await database.close();
  });
  afterAll(async () => {
    await close?.();
    await rm(root, { recursive: true, force: true });
  });

  /** Commands of a shell, of which the last one counts; what starts a build or a server is looked up where it is declared. */
  const shell = async (block: string): Promise<Printed | null> => {
    let printed: Printed | null = null;
    for (const line of block.trimEnd().split('\n')) {
      const words = wordsOf(line);
      if (words[0] === 'make' || words.includes('nx')) {
        assertDeclared(words);
        continue;
      }
      expect(words.slice(0, 2), line).toStrictEqual(['npx', 'ta']);
      const argv = words.slice(2).map((word) => (word in FILES ? path.join(root, word) : word));
      const { code, stdout, stderr } = await runInside(argv, { root, env });
      expect([line, code, `${stdout}${stderr}`]).toStrictEqual([line, 0, expect.not.stringMatching(/ERROR|FAILED/)]);
      printed = { text: stdout, beside: stderr };
    }
    return printed;
  };
  const assertDeclared = (words: readonly string[]): void => {
    if (words[0] === 'make') {
      expect(readFileSync(path.join(CLONE, 'Makefile'), 'utf8')).toMatch(new RegExp(`^${words[1]}:`, 'm'));
      return;
    }
    const target = words.find((word) => word.includes(':')) as string;
    const [project, name] = target.split(':') as [string, string];
    expect(readFileSync(path.join(CLONE, `apps/${project}/package.json`), 'utf8')).toContain(`"${name}": {`);
  };

  /** A program of Node: its imports are those of this process. */
  const node = async (block: string): Promise<Printed> => {
    const printed: string[] = [];
    const body = block
      .replaceAll(/^import (\{ .* \}) from ('.*');$/gm, 'const $1 = await load($2);')
      .replaceAll("'.data/pg'", JSON.stringify(path.join(root, '.data/pg')));
    const load = (name: string) => (MODULES[name] as () => Promise<object>)();
    const console = { log: (text: unknown) => void printed.push(String(text)) };
    await (
      new Function('load', 'console', `return (async () => { ${body} })();`) as (...of: unknown[]) => Promise<void>
    )(load, console);
    return { text: printed.join('\n'), beside: '' };
  };

  /** What the Python of a page prints, block by block of one session, and what some lines more print at its end. */
  const pandas = (page: string, more = ''): Printed[] => {
    const blocks = blocksOf(page).flatMap(({ language, text }) => (language === 'python' ? [text] : []));
    const program = [...blocks, more].join("\nprint('\\x1e')\n");
    const ran = spawnSync(PYTHON as string, ['-W', 'ignore', '-c', program], { cwd: root, encoding: 'utf8' });
    expect(ran.status, ran.stderr).toBe(0);
    return ran.stdout.split('\x1e\n').map((text) => ({ text, beside: '' }));
  };

  it.each(['README.md', 'docs/which-ema.md', 'docs/source-rows.md'])(
    '%s says what comes out',
    async (page) => {
      const blocks = blocksOf(page);
      const isPython = PYTHON !== undefined && blocks.some(({ language }) => language === 'python');
      const printedByPython = isPython ? pandas(page) : [];
      const python = () => printedByPython.shift() ?? null;
      let before: (Printed & { readonly block: string })[] = [];
      for (const { language, text } of blocks) {
        if (language === 'text') {
          expect(before.length, text).toBeGreaterThan(0);
          const wanted = tidy(text);
          expect(
            before.filter((printed) => !hasPrinted(printed, wanted)),
            wanted,
          ).toStrictEqual([]);
          before = [];
          continue;
        }
        const run = { sh: shell, js: node, python }[language];
        expect(run, `${page}: a block of ${language}`).toBeDefined();
        const printed = (await run?.(text)) ?? null;
        if (printed !== null && printed.text !== '') before.push({ block: text, ...printed });
      }
    },
    600_000,
  );

  it.skipIf(PYTHON === undefined)('README.md has the 21-week EMA of pandas, to the last digit', () => {
    const [, readme] = /^ 2020-12-27T23:59:59\.999Z +\| +\S+ +\| +(\S+)$/m.exec(
      blocksOf('README.md')
        .flatMap(({ language, text }) => (language === 'text' ? [text] : []))
        .join('\n'),
    ) as RegExpExecArray;
    const printed = pandas('docs/which-ema.md', "print(float(ema(weeks, 21)['2020-12-27']))").at(-1);
    expect(printed?.text.trim()).toBe(readme);
  });

  it('names the two ways on to whoever leaves --skip-stale-check out', async () => {
    const ended = await runInside(['refresh', '--emas'], { root, env });
    expect(ended.code).toBe(1);
    expect(ended.stdout).toContain('Add --skip-stale-check, or set the clock of the run: --as-of 2021-07-07');
  });
});
