import { mkdtempSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runInside, type Ended } from './kit/run-inside.ts';
import { createWorld, FEW_TIMEFRAMES, type World } from './kit/world.ts';

const FRIDAY_EVENING = Date.UTC(2024, 3, 12, 22);
const MONDAY_MORNING = Date.UTC(2024, 3, 15, 9);

/** Monday to Friday of 2024 until 12 April, without Good Friday. */
function priceFile(): string {
  const lines = ['Date,Open,High,Low,Close,Volume'];
  for (let day = Date.UTC(2024, 0, 1); day < FRIDAY_EVENING; day += 86_400_000) {
    const [date, weekday] = [new Date(day).toISOString().slice(0, 10), new Date(day).getUTCDay()];
    if (weekday % 6 !== 0 && date !== '2024-03-29') lines.push(`${date},100,102,99,101,5`);
  }
  return lines.join('\n');
}

describe('an asset of a market that rests', () => {
  let world: World;
  let root: string;
  const ta = (words: string, nowMs = FRIDAY_EVENING, ...more: string[]): Promise<Ended> =>
    runInside([...words.split(' '), ...more], { root, env: world.env, nowMs });
  const rows = async (words: string) => JSON.parse((await ta(`${words} --format json`)).stdout) as object[];
  const closedWeeks = async () => {
    const select = `SELECT count(*) AS n FROM cmc_closed_bars_multi_tf_cal_iso WHERE tf = '1W_CAL_ISO'`;
    return JSON.parse((await ta('sql --format json', FRIDAY_EVENING, select)).stdout) as object;
  };

  beforeAll(async () => {
    world = await createWorld({ engine: 'pglite', assets: 0, timeframes: FEW_TIMEFRAMES, isKeptOpen: true });
    root = world.root;
    writeFileSync(path.join(root, 'share.csv'), priceFile());
    writeFileSync(
      path.join(root, 'xnys.csv'),
      '\uFEFFday,name\r\n2024-03-29,"Good Friday"\r\n\r\n2024-05-27,Memorial Day\r\n',
    );
  });
  afterAll(() => world?.drop());

  it('is noticed by the import, which names the command', async () => {
    const ended = await ta(`import csv ${root}/share.csv --id 7 --name Share`);
    expect(ended.stdout).toContain('all days are Monday to Friday');
    expect(ended.stdout).toContain('ta assets set 7 --close-rule market --weekdays Mon-Fri');
    expect((await ta('refresh --all --skip-stale-check')).code).toBe(0);
    expect(await closedWeeks()).toEqual([{ n: 0 }]);
    const week = `SELECT ema FROM closed_emas WHERE asset = 7 AND timeframe = '1W'`;
    expect((await ta('sql', FRIDAY_EVENING, week)).stderr).toContain(
      '[INFO] There is no timeframe "1W"; did you mean 1W_CAL',
    );
    expect((await ta('sql', FRIDAY_EVENING, week.replace('1W', '1W_CAL_ISO'))).stderr).not.toContain('timeframe');
    expect(await rows('assets list')).toMatchObject([{ close_rule: 'calendar', weekdays: 'Mon-Sun', holidays: null }]);
  });

  it('is noticed among several files too', async () => {
    const folder = mkdtempSync(path.join(root, 'many-'));
    for (const id of [20, 21]) writeFileSync(path.join(folder, `${id}.csv`), priceFile());
    const { stdout } = await ta(`import csv ${folder} --id-from {id}.csv`);
    expect(stdout).toContain('[INFO] all days of 2 ids, 20, 21 are Monday to Friday');
    expect(stdout).toContain('ta assets set ID --close-rule market --weekdays Mon-Fri');
    for (const id of [20, 21]) expect((await ta(`assets remove ${id} --yes`)).code).toBe(0);
  });

  it.each(['2024-02-30,Nothing', '03/29/2024,Good Friday', '20240329'])(
    'takes no day that is written otherwise for a head: %s',
    async (line) => {
      writeFileSync(path.join(root, 'odd.csv'), `${line}\n2024-04-01,Easter Monday\n`);
      const ended = await ta(`holidays import ${root}/odd.csv --calendar ODD`);
      expect(ended.code).toBe(2);
      expect(ended.stderr).toContain(`odd.csv, line 1: "${line.split(',')[0]}" is not a day`);
      expect(await rows('holidays list')).toEqual([]);
    },
  );

  it('has a calendar of holidays from a file', async () => {
    expect((await ta(`holidays import ${root}/xnys.csv --calendar XNYS`)).stdout).toContain(
      '[OK] XNYS: 2 days added, 0 removed; 2 from 2024-03-29 to 2024-05-27',
    );
    expect((await ta(`holidays import ${root}/xnys.csv --calendar XNYS`)).stdout).toContain('0 days added, 0 removed');
    expect(await rows('holidays list')).toEqual([
      { calendar: 'XNYS', days: 2, first: '2024-03-29', last: '2024-05-27', assets: 0 },
    ]);
  });

  it('closes its weeks once it is said how it trades, and has no gaps then', async () => {
    const set = await ta('assets set --id 7 --close-rule market --weekdays fri,mon-thu --holidays XNYS');
    expect(set.stdout).toContain('[OK] Asset 7 ("Share"): the next refresh rebuilds its bars and EMAs');
    expect(await rows('assets list')).toMatchObject([{ close_rule: 'market', weekdays: 'Mon-Fri', holidays: 'XNYS' }]);
    expect((await rows('gaps --list')).length).toBeGreaterThan(0);
    expect((await ta('refresh --all --skip-stale-check')).code).toBe(0);
    expect((await ta('assets set 7 --weekdays Mon-Fri')).stdout).toContain(
      '[OK] Asset 7 ("Share"): its bars already follow this rule',
    );
    expect((await ta(`import csv ${root}/share.csv --id 7`)).stdout).not.toContain('Monday to Friday');
    expect(await closedWeeks()).toEqual([{ n: 15 }]);
    expect(await rows('gaps --list')).toEqual([]);
  });

  it('is fresh on Monday morning, and not on Wednesday', async () => {
    expect(JSON.parse((await ta('state stale --format json', MONDAY_MORNING)).stdout)).toEqual([]);
    const wednesday = await ta('state stale --format json', MONDAY_MORNING + 2 * 86_400_000);
    expect(JSON.parse(wednesday.stdout)).toMatchObject([{ id: 7 }]);
  });

  it('counts the trading days of a gap', async () => {
    const remove = `DELETE FROM cmc_price_histories7 WHERE "timestamp"::date IN ('2024-03-28', '2024-04-01')`;
    expect((await ta('sql --write', FRIDAY_EVENING, remove)).code).toBe(0);
    expect((await ta('refresh --all --skip-stale-check')).code).toBe(0);
    // Wednesday to Tuesday over Good Friday: Thursday and Monday
    expect(await rows('gaps --list')).toMatchObject([{ id: 7, missing_days: 2 }]);
  });

  it.each([
    ['assets set 7', 'nothing to set'],
    ['assets set 7 --weekdays Mo-Fr', 'is not a weekday'],
    ['assets set 7 --holidays XLON', 'There is no calendar XLON: there are XNYS'],
    ['assets set 7 --close-rule never', '--close-rule'],
    ['assets set 8 --close-rule market', 'There is no asset 8'],
    ['holidays import xnys.csv', 'expected a file and the name of a calendar'],
    ['holidays import xnys.csv --calendar none', 'no calendar can be called none'],
    ['holidays import none.csv --calendar XNYS', 'none.csv cannot be read'],
  ])('%s: %s', async (words, text) => {
    const ended = await ta(words);
    expect(ended.code).toBe(2);
    expect(ended.stderr + ended.stdout).toContain(text);
  });
});
