import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { CHAT_ID, fakeTelegram, TOKEN, type FakeTelegram } from '../kit/fake-telegram.ts';
import { logText, ta } from '../kit/ta.ts';
import { createWorld, hasPostgres, type World } from '../kit/world.ts';

/** 6 of 100 rows of the newest load violate OHLC in a way that is repaired. */
const CORRUPT = `UPDATE cmc_price_histories7 SET high = least(open, close) * 0.5
  WHERE id = $1 AND "timestamp" IN (SELECT "timestamp" FROM cmc_price_histories7 WHERE id = $1 ORDER BY "timestamp" LIMIT $2)`;

describe.skipIf(!hasPostgres())('alerts (scenarios 13 and 14)', () => {
  let world: World;
  let telegram: FakeTelegram;
  beforeAll(async () => {
    world = await createWorld({ assets: 1, days: 100 });
  });
  beforeEach(async () => void (telegram = await fakeTelegram()));
  afterEach(() => telegram.close());
  afterAll(() => world.drop());

  const id = () => world.ids[0] as number;
  const corrupt = (rows: number) => world.use((session) => session.run(CORRUPT, [id(), rows]));
  const titles = () => telegram.received.map(({ text }) => text.split('\n')[0]);

  it('below the corruption threshold nothing is sent', async () => {
    await corrupt(1);
    const ended = await ta(world, 'refresh --all --full-rebuild', telegram.env);
    expect(ended.code, ended.stderr).toBe(0);
    expect(titles()).toEqual([]);
  });

  it('6 % corrupt rows are one CRITICAL message although the threshold is ERROR, and none again within the window', async () => {
    await corrupt(6);
    const env = { ...telegram.env, TELEGRAM_MIN_SEVERITY: 'ERROR' };
    expect((await ta(world, 'refresh --all --full-rebuild', env)).code).toBe(0);
    expect(titles()).toEqual(['🔴 <b>[CRITICAL] OHLC corruption above threshold</b>']);
    const [message] = telegram.received;
    expect(message).toMatchObject({ path: `/bot${TOKEN}/sendMessage`, chatId: CHAT_ID, parseMode: 'HTML' });
    expect(message?.text).toContain('6 of 100 rows (6.00 %): 0 rejected, 6 repaired');
    expect((await ta(world, 'refresh --all --full-rebuild', env)).code).toBe(0);
    expect(telegram.received).toHaveLength(1);
    expect(await world.sql('SELECT event, severity, outcome FROM ops_alerts ORDER BY alert_id')).toEqual([
      { event: 'ohlc_corruption', severity: 'CRITICAL', outcome: 'sent' },
      { event: 'ohlc_corruption', severity: 'CRITICAL', outcome: 'deduplicated' },
    ]);
  });

  it('a failed component is told with its ids; --no-alerts only logs it', async () => {
    await world.sql(`ALTER TABLE bar_rows_cal_us RENAME TO hidden`);
    const silent = await ta(world, 'refresh --all --no-alerts', telegram.env);
    const told = await ta(world, 'bars --full-rebuild --ids ' + id(), { ...telegram.env, ALERT_OHLC_MAX_PCT: '100' });
    await world.sql('ALTER TABLE hidden RENAME TO bar_rows_cal_us');
    expect([silent.code, told.code]).toEqual([0, 1]);
    expect(titles()).toEqual(['🟠 <b>[ERROR] bars failed</b>']);
    expect(telegram.received[0]?.text).toContain(`cal_us id ${id()}`);
  });

  it('assets without prices are one message that names them all', async () => {
    await world.sql(`INSERT INTO dim_assets (id, name) VALUES (41, 'new'), (42, 'newer')`);
    expect((await ta(world, 'refresh --all', telegram.env)).code).toBe(0);
    await world.sql('DELETE FROM dim_assets WHERE id IN (41, 42)');
    expect(titles()).toEqual(['🟠 <b>[ERROR] Source data missing</b>']);
    expect(telegram.received[0]?.text).toContain('IDs: [41, 42]');
  });

  it('429 is answered by one retry', async () => {
    telegram.answerNext({ status: 429, body: { ok: false, error_code: 429, parameters: { retry_after: 1 } } });
    const ended = await ta(world, ['alerts', 'test', '--severity', 'error', '--log-dir', world.logDir], telegram.env);
    expect(ended.code, ended.stderr).toBe(0);
    expect(ended.stdout).toContain('[OK] Test alert sent with severity ERROR');
    expect(telegram.received).toHaveLength(2);
  });

  it('a server that refuses connections costs a warning, never the run', async () => {
    await telegram.close();
    await corrupt(10);
    const env = { ...telegram.env, ALERT_DEDUP_MINUTES: '0', ALERT_OHLC_MAX_PCT: '1' };
    await world.sql('DELETE FROM ops_alerts');
    const ended = await ta(world, 'refresh --all --full-rebuild', env);
    telegram = await fakeTelegram();
    expect(ended.code, ended.stderr).toBe(0);
    expect(ended.stderr).toContain('[WARNING] alert not delivered: network error (ECONNREFUSED)');
    const [{ n }] = (await world.sql(`SELECT count(*) AS n FROM cmc_price_bars_1d`)) as [{ n: number }];
    expect(n).toBe(100);
    expect(await world.sql('SELECT outcome FROM ops_alerts')).toEqual([
      { outcome: 'failed(network error (ECONNREFUSED))' },
    ]);
  });

  it('without configuration one INFO line says so, and a half configuration warns of the missing half', async () => {
    await ta(world, 'refresh --emas');
    expect(logText(world)).toContain('"msg":"telegram not configured"');
    const ended = await ta(world, 'refresh --emas', { TELEGRAM_BOT_TOKEN: TOKEN });
    expect(ended.stderr).toContain('[WARNING] telegram not configured: TELEGRAM_CHAT_ID is not set');
    const test = await ta(world, 'alerts test');
    expect(test.code).toBe(4);
    expect(test.stderr).toContain('Set TELEGRAM_BOT_TOKEN and TELEGRAM_CHAT_ID');
  });

  it('a database that cannot be reached is CRITICAL, told once, and remembered in a file', async () => {
    const env = { ...telegram.env, DATABASE_URL: 'postgresql://ta:planted-password@127.0.0.1:1/prices' };
    for (let attempt = 0; attempt < 2; attempt++) {
      const ended = await ta({ ...world, env: {} }, 'refresh --all', env);
      expect(ended.code).toBe(4);
      expect(ended.stderr).toMatch(/Cannot connect to database postgresql:\/\/ta:\*\*\*@127\.0\.0\.1:1\/prices/);
    }
    expect(titles()).toEqual(['🔴 <b>[CRITICAL] No connection to the database</b>']);
    const file = path.join(world.logDir, 'alert-state.json');
    expect(existsSync(file)).toBe(true);
    expect(readFileSync(file, 'utf8')).not.toContain('planted-password');
  });
});
