import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { installedPandas, loadPolars, NO_PANDAS, NO_POLARS } from '../../../vitest.peers.mjs';
import { runInside } from './kit/run-inside.ts';
import { AS_OF_MS, createWorld, type World } from './kit/world.ts';

const CLONE = path.resolve(import.meta.dirname, '../../..');
const DOCS = readFileSync(path.join(CLONE, 'docs/export.md'), 'utf8');
const python = installedPandas();
const polars = loadPolars();
if (python === null) process.stderr.write(`\n${NO_PANDAS}\n\n`);
if (polars === null) process.stderr.write(`\n${NO_POLARS}\n\n`);

/** The one block of docs/export.md in a language. */
function blockOf(language: string): string {
  const blocks = [...DOCS.matchAll(/```(\w+)\n(.*?)```/gs)].filter(([, name]) => name === language);
  expect(blocks.length).toBe(1);
  return blocks[0][2];
}

describe('docs/export.md, block by block', () => {
  let world: World;
  let folder: string;
  /** Closed weeks of all assets that have an EMA of period 9. */
  let weeksWithEma: number;

  beforeAll(async () => {
    world = await createWorld({ engine: 'pglite', ids: [1, 1027], days: 250, periods: [9, 21], isKeptOpen: true });
    folder = path.join(world.root, 'files');
    await mkdir(folder);
    const ended = await runInside(['refresh', '--all'], { root: world.root, env: world.env, nowMs: AS_OF_MS });
    expect(ended.code, ended.stderr).toBe(0);
    const [{ n }] = await world.sql<{ n: number }>(
      `SELECT count(*)::int AS n FROM cmc_price_bars_multi_tf_cal_iso b JOIN cmc_ema_multi_tf_cal_iso e ON e.id = b.id AND e.tf = b.tf
       AND e.ts = b.time_close AND e.period = 9 WHERE b.tf = '1W_CAL_ISO' AND NOT b.is_partial_end AND NOT e.roll`,
    );
    weeksWithEma = n;
    expect(n).toBeGreaterThan(40);
    for (const line of blockOf('sh').trim().split('\n')) {
      const [npx, ta, ...words] = line.split(' ');
      expect([npx, ta]).toEqual(['npx', 'ta']);
      const out = words.indexOf('--out');
      const file = path.join(folder, out < 0 ? `${words[2]}.${words[1]}` : words[out + 1]);
      const argv = [...(out < 0 ? words : words.slice(0, out)), '--out', file];
      const exported = await runInside(argv, { root: world.root, env: world.env, nowMs: AS_OF_MS });
      expect(exported.code, `${line}: ${exported.stderr}`).toBe(0);
      expect(Number(/\[OK\] ([0-9]+) rows/.exec(exported.stdout)?.[1]), line).toBeGreaterThan(40);
    }
  });
  afterAll(() => world.drop());

  it('DuckDB: each statement answers, and the joins find every row', async () => {
    const duck = await (await DuckDBInstance.create(':memory:')).connect();
    await duck.run(`SET file_search_path = '${folder}'`);
    const answers = [];
    for (const statement of blockOf('sql')
      .split(';')
      .filter((text) => text.trim() !== '')) {
      answers.push((await duck.runAndReadAll(statement)).getRows());
    }
    duck.closeSync();
    const [, weeks, joined, closed, [[same]]] = answers;
    expect(weeks.map(([id]) => id)).toEqual([1, 1027]);
    expect(joined.length).toBe(weeksWithEma);
    expect(closed).toEqual(joined.filter(([id]) => id === 1027).map(([, ...cells]) => cells));
    expect(Number(same)).toBe(weeks.reduce((sum, [, , bars]) => sum + Number(bars), 0));
  });

  it.skipIf(python === null)('pandas', () => {
    const done = spawnSync(python as string, ['-c', blockOf('python')], { cwd: folder, encoding: 'utf8' });
    expect(done.stderr).toBe('');
    const lines = done.stdout.trim().split('\n');
    expect(lines[0]).toMatch(/^[0-9]{2,} UTC$/);
    // 1D and 7D of two periods, a row per day of the year
    expect(lines.at(-1)).toMatch(/^\([0-9]{3}, 4\)$/);
  });

  it.skipIf(polars === null)('polars', () => {
    const done = spawnSync(process.execPath, ['--input-type=commonjs', '-e', blockOf('js')], {
      ...{ cwd: folder, encoding: 'utf8' },
      env: { ...process.env, NODE_PATH: path.join(CLONE, 'tools/peers/node_modules') },
    });
    expect(done.stderr).toBe('');
    const [weeks, emas, joined] = done.stdout.trim().split(' ').map(Number);
    expect(Math.min(weeks, emas)).toBeGreaterThanOrEqual(weeksWithEma);
    expect(joined).toBeGreaterThan(weeksWithEma);
  });
});
