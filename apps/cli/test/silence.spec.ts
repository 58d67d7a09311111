import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runInside, type Ended } from './kit/run-inside.ts';
import { AS_OF_MS, createWorld, FEW_TIMEFRAMES, type World } from './kit/world.ts';

/** A line that says what a command is at, and for how long. */
const PASSING = /^\[INFO\] (.+) \(\d+ s\)$/gm;

describe('a command for which every step takes long', () => {
  let world: World;
  beforeAll(async () => {
    world = await createWorld({ engine: 'pglite', assets: 1, days: 40, timeframes: FEW_TIMEFRAMES, isKeptOpen: true });
    expect((await run('refresh --all')).code).toBe(0);
  });
  afterAll(() => world.drop());

  const run = (line: string, monotonic?: () => number): Promise<Ended> =>
    runInside(line.replace('DIR', world.root).split(' '), {
      ...{ root: world.root, env: world.env, nowMs: AS_OF_MS, monotonic },
    });
  /** As if 3 s went by between any two looks at the clock. */
  const slowly = (line: string) => {
    let nowMs = 0;
    return run(line, () => (nowMs += 3_000));
  };
  const saidOf = ({ stderr }: Ended) => [...stderr.matchAll(PASSING)].map(([, what]) => what);

  it.each([
    'sql SELECT/**/count(*)/**/FROM/**/cmc_price_bars_1d',
    'assets list',
    'db status',
    'gaps',
    'rejects --emas',
    'settings',
    'state show --emas --detail',
    'state stale',
    'state trusted',
    'state verify',
    'holidays list',
  ])('%s says on stderr that it opens the database and reads, and has the same stdout', async (line) => {
    const [quick, slow] = [await run(line), await slowly(line)];
    expect([slow.code, slow.stdout], slow.stderr).toEqual([quick.code, quick.stdout]);
    expect(saidOf(slow)).toEqual(expect.arrayContaining(['Opening the database', 'Reading', 'Closing the database']));
  });

  it.each([
    ['refresh --all', ['Opening the database', 'Refreshing', 'bars, 1/1 ids', 'Freeing space', 'Closing the database']],
    ['refresh --all --validate', [expect.stringMatching(/^validation, B\d\d/)]],
    ['refresh --all --dry-run', ['ta refresh']],
    ['bars', ['Opening the database', 'bars, 1/1 ids']],
    ['emas --skip-stale-check', ['Opening the database', 'emas, 1/1 ids']],
    ['export csv cmc_price_bars_1d --out DIR/a.csv', [expect.stringMatching(/^cmc_price_bars_1d, \d+ rows written$/)]],
    ['db migrate', ['Opening the database', 'Closing the database']],
    ['db backup DIR/copy', ['Copying, and reading the copy']],
    ['state reset --emas --ids all --yes', ['Opening the database', 'Closing the database']],
  ])('%s says what it is at, not on stdout', async (line, what) => {
    const ended = await slowly(line);
    expect(ended.code, ended.stderr).toBe(0);
    expect(saidOf(ended)).toEqual(expect.arrayContaining(what));
    expect(ended.stdout).not.toMatch(PASSING);
  });

  it('says nothing of it with --quiet', async () => {
    const ended = await slowly('refresh --all --quiet');
    expect([ended.code, saidOf(ended)]).toEqual([0, []]);
  });
});
