import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CHAT_ID, fakeTelegram, TOKEN, type FakeTelegram } from './kit/fake-telegram.ts';
import { taProcess } from './kit/ta.ts';
import { createWorld, hasPostgres, type World } from './kit/world.ts';
import { runCli, startCli } from './resilience/rig/cli-process.ts';

const PASSWORD = 'planted%2Fpass-word-7461';
const UI_TOKEN = 'planted-ui-token-7461';
const PLANTED = [UI_TOKEN, TOKEN, CHAT_ID, PASSWORD, decodeURIComponent(PASSWORD), 'planted-pgpassword'];

describe.skipIf(!hasPostgres())('secrets', () => {
  let world: World;
  let telegram: FakeTelegram;
  let shown = '';
  beforeAll(async () => {
    world = await createWorld({ assets: 1, days: 30 });
    telegram = await fakeTelegram();
    const role = `planted_${world.root
      .slice(-6)
      .toLowerCase()
      .replace(/[^a-z0-9]/g, 'x')}`;
    await world.use(async (session) => {
      await session.run(`CREATE ROLE ${role} LOGIN SUPERUSER PASSWORD '${decodeURIComponent(PASSWORD)}'`);
      // the text of a failure may quote anything
      await session.run(
        `CREATE FUNCTION tell() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION '%',
         'https://api.telegram.org/bot${TOKEN}/send chat ${CHAT_ID} postgresql://u:${PASSWORD}@h/d password=planted-pgpassword ${UI_TOKEN} ${decodeURIComponent(PASSWORD)}'; END $$`,
      );
      await session.run('CREATE TRIGGER tell BEFORE INSERT ON bar_rows_cal_us FOR EACH ROW EXECUTE FUNCTION tell()');
    });
    const url = new URL(world.url);
    url.username = role;
    url.password = PASSWORD;
    const env = { ...telegram.env, DATABASE_URL: url.href, PGPASSWORD: 'planted-pgpassword', TA_UI_TOKEN: UI_TOKEN };
    const away = { ...env, DATABASE_URL: `postgresql://u:${PASSWORD}@127.0.0.1:1/d` };
    telegram.answerNext({ status: 403, body: { ok: false, description: `bot${TOKEN} was blocked by ${CHAT_ID}` } });
    const runs = [
      await taProcess(world, 'refresh --all --verbose', env),
      await taProcess(world, 'refresh --all --verbose --continue-on-error --json', env),
      await taProcess(world, 'refresh --all --verbose', away),
      await taProcess(world, 'refresh --all --verbose --dry-run', away),
      await taProcess(world, ['refresh', '--all', '--verbose', '--db-url', away.DATABASE_URL], env),
      await taProcess(world, ['refresh', '--all', '--verbose', '--db-url', `mysql://u:${PASSWORD}@h/d`], env),
      await runCli(['alerts', 'test', '--log-dir', world.logDir], env),
      await runCli(['sql', `SELECT "${TOKEN}", "${CHAT_ID}", '${decodeURIComponent(PASSWORD)}' AS password`], env),
      await taProcess(
        world,
        ['sql', `DELETE FROM ops_nothing WHERE x = '${TOKEN} ${CHAT_ID} ${env.DATABASE_URL}'`, '--write'],
        env,
      ),
      await taProcess(world, ['import', 'csv', `/nowhere/${TOKEN}.csv`, '--id', '1'], env),
      await taProcess(world, ['state', 'reset', '--emas', '--ids', '1'], away),
    ];
    shown = runs.map(({ stdout, stderr }) => stdout + stderr).join('\n');
    expect(runs.map(({ code }) => code)).toEqual([1, 1, 4, 0, 4, 4, 0, 2, 2, 2, 4]);
    // a check that fails by itself quotes the server
    await world.sql(`CREATE FUNCTION told() RETURNS float8 LANGUAGE plpgsql STABLE AS $$ BEGIN RAISE EXCEPTION '%',
      'https://api.telegram.org/bot${TOKEN}/send chat ${CHAT_ID} postgresql://u:${PASSWORD}@h/d'; END $$`);
    await world.sql('ALTER TABLE ema_alpha_lookup RENAME TO kept_factors');
    await world.sql(`CREATE VIEW ema_alpha_lookup AS SELECT tf, period, tf_days_nominal, alpha_ema_dailyspace, told() AS alpha_bar,
      alpha_bar_preview_daily, created_at, display_order FROM kept_factors`);
    const check = await startCli(['check', '--save', '--checks', 'B01,E14'], env, 'validator').ended;
    expect([check.code, check.stdout]).toEqual([1, expect.stringContaining('could not be carried out')]);
    shown += check.stdout + check.stderr;
    await world.sql(`DROP OWNED BY ${role}`);
    await world.sql(`DROP ROLE ${role}`);
  });
  afterAll(async () => {
    await telegram.close();
    await world.drop();
  });

  const found = (text: string) => PLANTED.filter((secret) => text.includes(secret));

  it('are in no output', () => {
    expect(shown).toContain('FAILED');
    expect(found(shown)).toEqual([]);
  });

  it('are in no log file', () => {
    const names = readdirSync(world.logDir);
    expect(names.length).toBeGreaterThan(1);
    const text = names.map((name) => readFileSync(path.join(world.logDir, name), 'utf8')).join('');
    expect(text).toContain('FAILED');
    expect(text).toMatch(/sql --write FAILED[^]*state reset FAILED/);
    expect(found(text)).toEqual([]);
  });

  it('are in no table of the run history, of alerts and of validations', async () => {
    for (const table of ['ops_runs', 'ops_run_items', 'ops_alerts', 'ops_validation_results']) {
      const rows = await world.sql<{ text: string }>(`SELECT t::text AS text FROM ${table} t`);
      expect(rows.length, table).toBeGreaterThan(0);
      expect(found(rows.map(({ text }) => text).join('\n'))).toEqual([]);
    }
  });

  it('are in no alert but in the address it goes to', () => {
    expect(telegram.received.length).toBeGreaterThan(0);
    expect(found(telegram.received.map(({ text }) => text).join('\n'))).toEqual([]);
  });
});
