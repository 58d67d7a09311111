import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runInside, type Ended } from './kit/run-inside.ts';
import { AS_OF_MS, createWorld, type World } from './kit/world.ts';

describe('ta export and ta ui', () => {
  let world: World;
  beforeAll(async () => {
    world = await createWorld({ engine: 'pglite', days: 40, isKeptOpen: true });
    await run('bars');
  });
  afterAll(() => world.drop());

  const run = (line: string, env: Record<string, string> = {}): Promise<Ended> =>
    runInside(line.split(' '), { root: world.root, env: { ...world.env, ...env }, nowMs: AS_OF_MS });
  const file = (name: string) => path.join(world.root, name);

  it('export writes the rows that were chosen, and says how many', async () => {
    const out = file('bars.csv');
    const ended = await run(`export csv cmc_price_bars_1d --ids ${world.ids[0]} --until 2024-06-03 --out ${out}`);
    expect(ended.code, ended.stderr).toBe(0);
    const lines = readFileSync(out, 'utf8').trimEnd().split('\n');
    const [{ n }] = await world.sql<{ n: number }>(
      `SELECT count(*) AS n FROM cmc_price_bars_1d WHERE id = ${world.ids[0]} AND "timestamp" < '2024-06-04Z'`,
    );
    expect(n).toBeGreaterThan(10);
    expect(lines.length - 1).toBe(n);
    expect(ended.stdout).toBe(`[OK] ${n} rows of cmc_price_bars_1d in ${out}\n`);
    expect(lines.at(-1)).toContain('2024-06-03T23:59:59.999');
  });

  it('an export that takes long says how far it is', async () => {
    let nowMs = 0;
    const argv = ['export', 'csv', 'cmc_price_bars_1d', '--out', file('long.csv')];
    const ended = await runInside(argv, { root: world.root, env: world.env, monotonic: () => (nowMs += 4_000) });
    expect([ended.code, ended.stderr]).toEqual([
      0,
      expect.stringMatching(/\[INFO\] cmc_price_bars_1d, \d+ rows written \(\d+ s\)/),
    ]);
  });

  it('a day of --from and --until is one of the zone of the database, which is said', async () => {
    const out = file('tokyo.csv');
    await world.sql(`UPDATE ops_settings SET value = '"Asia/Tokyo"' WHERE name = 'zone'`);
    const ended = await run(
      `export csv cmc_price_bars_1d --ids ${world.ids[0]} --from 2024-06-03 --until 2024-06-03 --out ${out}`,
    );
    await world.sql(`UPDATE ops_settings SET value = '"UTC"' WHERE name = 'zone'`);
    expect([ended.code, ended.stderr]).toEqual([0, expect.stringContaining('[INFO] Days are those of Asia/Tokyo')]);
    const lines = readFileSync(out, 'utf8').trimEnd().split('\n');
    expect([lines.length, lines[1]]).toEqual([2, expect.stringContaining('2024-06-02T23:59:59.999')]);
  });

  it('an asset that does not exist leaves the file as it was, and no row is a warning', async () => {
    const out = file('kept.csv');
    writeFileSync(out, 'kept');
    const unknown = await run(`export csv cmc_price_bars_1d --ids ${world.ids[0]},4242 --out ${out}`);
    expect([unknown.code, unknown.stderr]).toEqual([2, expect.stringContaining('Unknown asset ids: [4242]')]);
    expect(readFileSync(out, 'utf8')).toBe('kept');
    const empty = await run(`export csv cmc_price_bars_1d --ids ${world.ids[0]} --until 1999-01-01 --out ${out}`);
    expect([empty.code, empty.stderr]).toEqual([0, expect.stringContaining('[WARNING] No row of cmc_price_bars_1d')]);
  });

  it('an export names the timeframes and periods that were chosen and have no row', async () => {
    const warned = async (what: string) => {
      const ended = await run(`export csv ${what} --out ${file('chosen.csv')}`);
      return [ended.code, ended.stderr];
    };
    const missing = '[WARNING] No row of cmc_price_bars_multi_tf matches the selection with timeframe 1W_CAL_ISO\n';
    expect(await warned('cmc_price_bars_multi_tf --tf 7D,1W_CAL_ISO')).toEqual([0, missing]);
    expect(await warned('cmc_price_bars_multi_tf --tf 7D')).toEqual([0, '']);
    expect(await warned('cmc_price_bars_1d --tf 1D')).toEqual([0, '']);
    expect((await run('emas --skip-stale-check')).code).toBe(0);
    expect(await warned('cmc_ema_multi_tf --tf 1D --periods 5,4242')).toEqual([
      0,
      '[WARNING] No row of cmc_ema_multi_tf matches the selection with period 4242\n',
    ]);
  });

  it.each([
    ['export csv dim_assets --out x.csv', 'There is no table "dim_assets"'],
    ['export csv cmc_closed_bars_multi_tf --out x.csv', 'Another view: ta sql --format csv'],
    ['export xlsx cmc_price_bars_1d', 'xlsx'],
    ['export csv cmc_ema_multi_tf --periods 9,x', '"x" is not a period'],
    ['export csv cmc_price_bars_1d --tf 7D --out x.csv', '--tf: the rows of cmc_price_bars_1d are days'],
    ['export csv cmc_price_bars_multi_tf --tf , --out x.csv', '--tf: "," contains no timeframe'],
    ['export csv cmc_price_bars_1d --periods 9 --out x.csv', '--periods: cmc_price_bars_1d holds no EMAs'],
    ['export csv cmc_price_bars_1d --from yesterday', 'neither a date nor an instant'],
    ['ui --port 99999', '--port'],
    ['ui --staleness-hours 0', '--staleness-hours'],
    ['ui --host 0.0.0.0 --port 0', 'would show the database to other machines'],
  ])('%s is refused as wrong usage', async (line, message) => {
    const ended = await run(line);
    expect([ended.code, ended.stderr]).toStrictEqual([2, expect.stringContaining(message)]);
    expect(existsSync(path.resolve('x.csv'))).toBe(false);
  });

  it('a short token does not open the page to other machines', async () => {
    const ended = await run('ui --host 0.0.0.0 --port 0', { TA_UI_TOKEN: 'short' });
    expect([ended.code, ended.stderr]).toStrictEqual([2, expect.stringContaining('at least 16 characters')]);
    expect(ended.stderr).not.toContain('short');
  });

  it('without a database both say how to get one', async () => {
    for (const line of ['ui --port 0', 'export csv cmc_price_bars_1d']) {
      const ended = await run(line, { DB_DIR: file('nowhere') });
      expect([line, ended.code]).toStrictEqual([line, 4]);
      expect(ended.stderr).toContain('ta import csv');
    }
  });
});
