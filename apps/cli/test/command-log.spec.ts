import { existsSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { runInside } from './kit/run-inside.ts';
import { logRecords, logText } from './kit/ta.ts';
import { AS_OF_MS, createWorld, hasPostgres, type World } from './kit/world.ts';

const TOKEN = '7461001:planted-token-AAEhBP0av28';

describe.skipIf(!hasPostgres())('the log of commands that change the database', () => {
  let world: World;
  beforeAll(async () => {
    world = await createWorld({ assets: 1, days: 10 });
    const header = 'SNo,Name,Symbol,Date,High,Low,Open,Close,Volume,Marketcap';
    writeFileSync(path.join(world.root, 'good.csv'), `${header}\n1,Made,MAD,2024-01-01 23:59:59,2,1,1,2,5,5\n`);
    writeFileSync(path.join(world.root, 'bad.csv'), `${header}\n1,Made,MAD,2024-01-01 23:59:59,2,x,1,2,5,5\n`);
  });
  beforeEach(() => rmSync(world.logDir, { recursive: true, force: true }));
  afterAll(() => world.drop());

  const run = (argv: readonly string[], env: Record<string, string> = {}) =>
    runInside(argv, { root: world.root, env: { ...world.env, TELEGRAM_BOT_TOKEN: TOKEN, ...env }, nowMs: AS_OF_MS });
  const csv = (name: string) => path.join(world.root, name);

  it.each([
    ['import csv', () => ['import', 'csv', csv('good.csv'), '--id', '77'], '[OK] good.csv', { id: 77 }],
    ['state reset', () => ['state', 'reset', '--emas', '--ids', '77'], 'Next run will rebuild these ids: [77]', {}],
    ['sql --write', () => ['sql', 'DELETE FROM ema_rejects', '--write'], '[OK] 0 row(s) changed', {}],
    ['db migrate', () => ['db', 'migrate'], '[OK] Schema is up to date', {}],
  ])('ta %s: what was asked, what it said, and that it ended', async (command, argv, says, facts) => {
    const ended = await run(argv());
    expect(ended.code, ended.stderr).toBe(0);
    expect(ended.stdout).toContain(says);
    const records = logRecords(world);
    expect(records[0]).toMatchObject({ level: 'INFO', event: 'command_started', msg: `${command} started`, ...facts });
    expect(records.some(({ msg, level }) => level === 'INFO' && String(msg).includes(says))).toBe(true);
    expect(records.at(-1)).toMatchObject({ event: 'command_ended', msg: `${command} ended` });
    expect(new Set(records.map(({ runId }) => runId)).size).toBe(1);
    expect(logText(world)).not.toMatch(/ERROR|FAILED/);
  });

  it.each([
    ['sql --write', ['sql', 'DELETE FROM ops_nothing', '--write'], 2],
    ['import csv', ['import', 'csv', 'bad.csv', '--id', '77', '--strict'], 1],
    ['db migrate', ['db', 'migrate', '--db-url', 'postgresql://u:geheim-planted@127.0.0.1:1/db'], 4],
  ])('ta %s: a failure is found by grep, and no secret is', async (_, argv, code) => {
    const ended = await run(argv.map((word) => (word === 'bad.csv' ? csv(word) : word)));
    expect(ended.code, ended.stderr).toBe(code);
    const found = logText(world)
      .split('\n')
      .filter((line) => /ERROR|FAILED/.test(line));
    expect(found.length).toBeGreaterThan(0);
    expect(found[0]).toMatch(/"level":"ERROR".*FAILED/);
    expect(logText(world)).not.toContain('geheim');
  });

  it('a statement is recorded without its values, in a file for this user alone', async () => {
    await run(['sql', `DELETE FROM ema_rejects WHERE tf = '${TOKEN}'`, '--write']);
    expect(logText(world)).toContain('DELETE FROM ema_rejects WHERE tf = ?');
    expect(logText(world)).not.toContain(TOKEN);
    expect(statSync(world.logDir).mode & 0o777).toBe(0o700);
    for (const name of readdirSync(world.logDir))
      expect(statSync(path.join(world.logDir, name)).mode & 0o777).toBe(0o600);
  });

  it('secrets that are plain words and numbers change no key and no value of a record, and no row', async () => {
    const env = { PGPASSWORD: 'level', TELEGRAM_CHAT_ID: '1000', TA_UI_TOKEN: 'event' };
    await run(['db', 'migrate'], env);
    expect(logRecords(world)[0]).toMatchObject({ level: 'INFO', event: 'command_started' });
    const rows = await run(['sql', "SELECT 1000 AS level, 'event' AS event", '--format', 'json'], env);
    expect(JSON.parse(rows.stdout)).toEqual([{ level: 1000, event: 'event' }]);
    const failed = await run(['sql', 'SELECT 1 FROM level'], env);
    expect(failed.stderr).toContain('There is no table "***"');
  });

  it('goes where --log-dir says; reading and checking leave no log', async () => {
    const elsewhere = path.join(world.root, 'elsewhere');
    expect((await run(['db', 'migrate', '--log-dir', elsewhere])).code).toBe(0);
    expect(readdirSync(elsewhere)).toHaveLength(1);
    for (const line of ['state show', 'db status', 'gaps', 'rejects', 'runs list']) await run(line.split(' '));
    await run(['sql', 'SELECT 1']);
    await run(['import', 'csv', csv('good.csv'), '--id', '77', '--check-only']);
    expect(existsSync(world.logDir)).toBe(false);
  });

  it('old logs go at the start of a refresh, unless LOG_RETENTION_DAYS is 0 or no number', async () => {
    const old = () => {
      mkdirSync(world.logDir, { recursive: true });
      writeFileSync(path.join(world.logDir, 'refresh-2024-01-01.log'), '');
    };
    const isThere = () => existsSync(path.join(world.logDir, 'refresh-2024-01-01.log'));
    old();
    await run(['refresh', '--bars'], { LOG_RETENTION_DAYS: '0' });
    expect(isThere()).toBe(true);
    expect((await run(['logs', 'clean'], { LOG_RETENTION_DAYS: '0' })).stdout).toBe('No old logs to clean\n');
    const odd = await run(['refresh', '--bars'], { LOG_RETENTION_DAYS: 'many' });
    expect([odd.code, odd.stderr]).toEqual([0, expect.stringContaining('LOG_RETENTION_DAYS: expected whole days')]);
    expect(isThere()).toBe(true);
    await run(['refresh', '--bars'], { LOG_RETENTION_DAYS: '365' });
    expect(isThere()).toBe(true);
    await run(['refresh', '--bars']);
    expect(isThere()).toBe(false);
  });
});
