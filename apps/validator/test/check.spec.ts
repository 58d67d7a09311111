import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createRedact, watchSilence, type Surroundings } from '@ta/cli-kit';
import { BUILDERS, dimensionSeeds, loadSettings, refresh, REFRESHERS } from '@ta/pipeline';
import { syntheticPrices } from '@ta/price-import';
import {
  migrate,
  openDatabase,
  readValidationFindings,
  saveAsset,
  seedDimensions,
  upsertSourceRows,
  type Database,
  type DatabaseTarget,
} from '@ta/state-store';
import { CHECKS, scopeOf } from '@ta/validation';
import { changedEmas } from '../../../libs/pipeline/test/ema-edits.ts';
import { templateDatabase } from '../../../libs/pipeline/test/test-database.ts';
import { check } from '../src/commands/check.ts';
import { history } from '../src/commands/history.ts';
import { report } from '../src/commands/report.ts';
import type { CheckFlags } from '../src/check-flags.ts';

const ID = 900_001;
const AS_OF = '2024-06-30';
const FLAGS: CheckFlags = {
  scope: 'all',
  profile: 'full',
  sampleSize: 50,
  seed: 42,
  relTol: 1e-9,
  stalenessHours: 48,
  asOf: AS_OF,
  failOn: 'ERROR',
  format: 'table',
  limit: 20,
  save: false,
  alert: false,
  list: false,
  verbose: false,
};

const folder = mkdtempSync(join(tmpdir(), 'validator-'));
const dir = join(folder, 'pg');
/** A database on the server of the tests, which opens quicker than a folder; a folder where there is no server. */
const SERVER_URL = process.env['TEST_DATABASE_URL'] || undefined;
const NAME = `ta_validator_${randomBytes(6).toString('hex')}`;
const url = SERVER_URL === undefined ? undefined : Object.assign(new URL(SERVER_URL), { pathname: `/${NAME}` }).href;
const env: Record<string, string> = url === undefined ? { DB_DIR: dir } : { DATABASE_URL: url };
const target: DatabaseTarget =
  url === undefined ? { engine: 'pglite', dir, source: 'test' } : { engine: 'postgres', url, source: 'test' };

/** Where another database of the tests is. */
function otherPlace(label: string): { name: string; env: Record<string, string>; target: DatabaseTarget } {
  const name = `${NAME}_${label}`;
  if (url === undefined) {
    const otherDir = join(folder, label);
    return { name, env: { DB_DIR: otherDir }, target: { engine: 'pglite', dir: otherDir, source: 'test' } };
  }
  const otherUrl = Object.assign(new URL(url), { pathname: `/${name}` }).href;
  return { name, env: { DATABASE_URL: otherUrl }, target: { engine: 'postgres', url: otherUrl, source: 'test' } };
}

/** A process with nothing but a folder; what it prints is kept. */
function surroundings(root: string): Surroundings & { out: string; err: string } {
  const around = {
    out: '',
    err: '',
    root,
    env,
    isTty: false,
    host: 'test',
    pid: 1,
    now: () => Date.UTC(2024, 6, 1),
    monotonic: () => 0,
    write: (text: string) => void (around.out += text),
    data: (text: string) => void (around.out += `${text}\n`),
    print: (line: string) => void (around.out += `${line}\n`),
    warn: (line: string) => void (around.err += `${line}\n`),
    passing: (line: string) => void (around.err += line === '' ? '' : `${line}\n`),
    during: <T>(_what: unknown, work: () => Promise<T>) => work(),
    look: () => undefined,
    standIn: () => undefined,
    redact: createRedact([]),
    redactDocument: createRedact([]),
  };
  return around;
}

async function run(flags: Partial<CheckFlags>, root = folder, more: Record<string, string> = {}) {
  const around = Object.assign(surroundings(root), { env: { ...env, ...more } });
  process.exitCode = undefined;
  await check(around, { ...FLAGS, ...flags });
  return { out: around.out, err: around.err, exitCode: process.exitCode ?? 0 };
}

async function inDatabase(work: (database: Database) => Promise<unknown>): Promise<void> {
  await inTarget(target, work);
}

async function inTarget(at: DatabaseTarget, work: (database: Database) => Promise<unknown>): Promise<void> {
  const database = await openDatabase(at);
  try {
    await work(database);
  } finally {
    await database.close();
  }
}

async function makeSchema(database: Database): Promise<void> {
  await migrate(database);
  await seedDimensions(database, dimensionSeeds());
}

async function onServer(sql: string): Promise<void> {
  if (SERVER_URL === undefined) return;
  await inTarget({ engine: 'postgres', url: SERVER_URL, source: 'test' }, (database) =>
    database.session((session) => session.run(sql)),
  );
}

async function createFromSchema(name: string): Promise<void> {
  if (SERVER_URL === undefined) return;
  await onServer(`CREATE DATABASE ${name} TEMPLATE ${await templateDatabase(SERVER_URL, 'schema', makeSchema)}`);
}

beforeAll(async () => {
  await createFromSchema(NAME);
  await inDatabase((database) => fill(database, 'UTC'));
});
afterAll(async () => {
  await onServer(`DROP DATABASE ${NAME} WITH (FORCE)`);
  rmSync(folder, { recursive: true, force: true });
});

async function fill(database: Database, zone: string): Promise<void> {
  if (SERVER_URL === undefined) await makeSchema(database);
  const asset = { id: ID, name: 'synthetic asset 1', symbol: 'SYN1' };
  await database.transaction(async (tx) => {
    await tx.run(`UPDATE dim_timeframe SET is_canonical = tf IN ('1D', '7D', '1W_CAL_US', '1M_CAL_ANCHOR')`);
    await tx.run('DELETE FROM ema_alpha_lookup WHERE period > 9');
    await tx.run('DELETE FROM dim_period WHERE period > 9');
    await saveAsset(tx, asset);
    await upsertSourceRows(tx, syntheticPrices({ seed: 3, days: 80, lastDay: AS_OF, asset }));
  });
  const settings = await database.session((session) => loadSettings(session, { runId: 'r', zone }));
  const request = {
    components: ['bars', 'emas'] as const,
    builders: BUILDERS,
    refreshers: REFRESHERS,
    ids: [ID],
    settings,
    nowMs: Date.UTC(2024, 6, 1),
    stalenessHours: 48,
    skipStaleCheck: true,
    continueOnError: false,
    concurrency: 1,
  };
  await refresh(database, request, {}, () => 0);
}
afterEach(() => {
  process.exitCode = undefined;
});

describe('validator check', () => {
  it('says on stderr which check, table and asset a long one is at, until its end', async () => {
    let nowMs = 0;
    const around = Object.assign(surroundings(folder), { monotonic: () => (nowMs += 3_000) });
    const { around: watched, stop } = watchSilence(around);
    await check(watched, { ...FLAGS, format: 'json' });
    stop();
    const said = [...around.err.matchAll(/^\[INFO\] ([BE]\d\d): (cmc_\w+), ([01])\/1 ids \((\d+) s\)$/gm)];
    expect(new Set(said.map(([, check]) => check)).size).toBeGreaterThan(2);
    expect(around.err).toMatch(/^\[INFO\] Opening the database \(\d+ s\)$/m);
    expect(JSON.parse(around.out)).toBeDefined();
  });

  it('passes a sound database with exit code 0', async () => {
    const { out, exitCode } = await run({});
    expect(exitCode).toBe(0);
    expect(out).toContain(
      `Checks: ${CHECKS.length} | Passed: ${CHECKS.length} | Failed: 0 | Skipped: 0 | Findings: 0 (CRITICAL 0, ERROR 0, WARNING 0)`,
    );
    expect(out.trimEnd().endsWith('[OK] Validation passed')).toBe(true);
  });

  it('writes JSON to a file, and the sums to stdout', async () => {
    const { out } = await run({ format: 'json', out: 'report.json', scope: 'bars' });
    const total = CHECKS.filter((check) => scopeOf(check) === 'bars').length;
    expect(out).toMatch(new RegExp(`^Checks: ${total} .*\\n\\[OK\\] Validation passed\\n$`));
    const document = JSON.parse(readFileSync(join(folder, 'report.json'), 'utf8')) as {
      summary: object;
      checks: object[];
    };
    expect(document.summary).toMatchObject({ total, passed: total, isPassed: true });
    expect(document.checks).toHaveLength(total);
  });

  it('refuses unknown ids and files that cannot be written', async () => {
    await expect(run({ ids: ['77'] })).rejects.toThrow(
      expect.objectContaining({ code: 'CLI_UNKNOWN_IDS', exitCode: 2 }),
    );
    symlinkSync('/dev/null', join(folder, 'link'));
    for (const out of ['no/such/folder/x', 'link', '/dev/stdout', '.']) {
      await expect(run({ out }), out).rejects.toThrow(expect.objectContaining({ code: 'CLI_CANNOT_WRITE' }));
    }
    expect(readdirSync(folder).filter((name) => name.includes('partial'))).toStrictEqual([]);
  });

  it.each([
    [{ families: ['cal_us'], tfs: ['7D'] }, 'tfs: no selected family has "7D"'],
    [{ families: ['1d'], tfs: ['1D', '7D'] }, 'tfs: no selected family has "7D"'],
    [{ periods: ['6', '50'] }, 'periods: 50 is not an EMA period of this database'],
    [{ families: ['1d'], scope: 'emas' }, 'families: no selected family has EMAs'],
    [{ families: ['1d'], checks: ['E07', 'E09'] }, 'families: no selected family has EMAs'],
  ] as const)('refuses %j, which would look at nothing', async (flags, message) => {
    const lists = Object.fromEntries(Object.entries(flags).map(([name, value]) => [name, [value].flat()]));
    const scope = 'scope' in flags ? flags.scope : 'all';
    await expect(run({ ...lists, scope })).rejects.toMatchObject({ code: 'VALIDATION_BAD_OPTION', message });
  });

  it.each([{ since: '2099-01-01' }, { until: '2024-01-01' }])(
    'does not pass %j, where there is no day',
    async (time) => {
      const { out, exitCode } = await run({ ...time, asOf: AS_OF });
      expect(out).toContain('[FAILED] Validation failed: there was nothing to validate');
      expect(exitCode).toBe(1);
      const { out: xml } = await run({ ...time, asOf: AS_OF, format: 'junit' });
      expect(xml).toContain('<failure type="ERROR" message="there was nothing to validate"/>');
      const beside = await run({ ...time, asOf: AS_OF, format: 'json', out: 'nothing.json' });
      expect(beside.out).toContain('[FAILED] Validation failed: there was nothing to validate');
      expect(JSON.parse(readFileSync(join(folder, 'nothing.json'), 'utf8'))).toMatchObject({
        summary: { isPassed: false, reason: 'there was nothing to validate' },
      });
    },
  );

  it('keeps its results when asked to', async () => {
    await run({ save: true, checks: ['B09,B17'] });
    await inDatabase(async (database) => {
      const rows = await database.session((session) =>
        session.query(`SELECT "check", status FROM ops_validation_results ORDER BY 1`),
      );
      expect(rows).toStrictEqual([
        { check: 'B09', status: 'PASS' },
        { check: 'B17', status: 'PASS' },
      ]);
    });
    const around = surroundings(folder);
    await history(around, { limit: 5, format: 'table' });
    expect(around.out.split('\n')[1]).toMatch(/^2\d{3}-\d\d-\d\dT[\d:]{8}Z {7}2 {7}0 {8}0 {9}0 {2}-$/);
    expect(around.out).toContain('(1 validation)');
    // who reads the newest rows only, as the chart page does, sees the checks first
    await run({ save: true, checks: ['B09'], asOf: '2024-08-01' });
    await inDatabase(async (database) => {
      const newest = await database.session((session) => readValidationFindings(session, 1));
      expect(newest).toMatchObject([{ check: 'B09', status: 'FAIL', table: null }]);
    });
  });

  it('fails with exit code 1 on a planted defect, and says what, where and what to do', async () => {
    const change = (factor: number) =>
      inDatabase((database) =>
        database.session((session) =>
          session.run(
            changedEmas(
              { table: 'cmc_ema_multi_tf', tf: '7D', period: 6, ts: `= '2024-06-20 23:59:59.999Z'` },
              'ema',
              (ema) => `${ema} * ${factor}`,
            ),
          ),
        ),
      );
    await change(2);
    try {
      const { out, exitCode } = await run({ scope: 'emas' });
      expect(exitCode).toBe(1);
      expect(out).toContain('[CRITICAL] cmc_ema_multi_tf: id 900001, 7D/6, 2024-06-20T23:59:59.999Z: ema is');
      expect(out).toContain('What to do: Run `ta emas --ids <id> --skip-stale-check --full-rebuild`');
      expect(out).toContain('[FAILED] Validation failed');
      const junit = await run({ scope: 'emas', format: 'junit' });
      expect(junit.out).toContain('<failure type="CRITICAL"');
      const csv = await run({ checks: ['E07'], format: 'csv' });
      expect(csv.out.split('\n')[1]).toMatch(/^E07,recompute,CRITICAL,cmc_ema_multi_tf,900001,7D,6,/);
    } finally {
      await change(0.5);
    }
  });

  it('alerts of a lost day with ERROR and of a doubled one with CRITICAL, once each', async () => {
    const received: { text: string }[] = [];
    const server = createServer((request, response) => {
      let body = '';
      request.setEncoding('utf8').on('data', (chunk: string) => void (body += chunk));
      request.on('end', () => {
        received.push(JSON.parse(body) as { text: string });
        response.end(JSON.stringify({ ok: true, result: { message_id: received.length } }));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const telegram = {
      TELEGRAM_BOT_TOKEN: '1:planted',
      TELEGRAM_CHAT_ID: '7',
      TELEGRAM_API_BASE: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    };
    const titles = () => received.map(({ text }) => text.split('\n')[0]);
    const spoiled = async (statement: string, checks: string) => {
      await inDatabase((database) =>
        database.transaction(async (tx) => {
          await tx.run('CREATE TABLE kept AS TABLE cmc_price_bars_1d');
          await tx.run(statement);
        }),
      );
      const { err, exitCode } = await run({ alert: true, checks: [checks] }, folder, telegram);
      const again = await run({ alert: true, checks: [checks] }, folder, telegram);
      await inDatabase((database) =>
        database.transaction(async (tx) => {
          await tx.run('DELETE FROM cmc_price_bars_1d');
          await tx.run('INSERT INTO cmc_price_bars_1d TABLE kept');
          await tx.run('DROP TABLE kept');
        }),
      );
      return [exitCode, err, again.err];
    };
    try {
      const sound = await run({ alert: true, checks: ['B01,B03'] }, folder, telegram);
      expect([sound.exitCode, received.length]).toStrictEqual([0, 0]);
      const gap = await spoiled(`DELETE FROM cmc_price_bars_1d WHERE "timestamp" = '2024-06-10 23:59:59.999Z'`, 'B03');
      expect(gap).toStrictEqual([
        1,
        expect.stringContaining('[INFO] alert ERROR: sent'),
        expect.stringContaining('[INFO] alert ERROR: deduplicated'),
      ]);
      const doubled = `INSERT INTO cmc_price_bars_1d ("timestamp", bar_seq, time_open, time_close, time_high, time_low, open, high, low, close, id, is_missing_days, day, day_from, day_until)
        SELECT "timestamp" - interval '6 hours', 9999, time_open, time_close, time_high, time_low, open, high, low, close, id, false, day, day_from, day_until
        FROM cmc_price_bars_1d WHERE "timestamp" = '2024-06-10 23:59:59.999Z'`;
      expect((await spoiled(doubled, 'B01'))[0]).toBe(1);
      expect(titles()).toStrictEqual([
        '🟠 <b>[ERROR] Validation failed: 1 check (B03), gaps 1</b>',
        '🔴 <b>[CRITICAL] Validation failed: 1 check (B01), duplicates 1</b>',
      ]);
      expect(received[0].text).toContain('neither bar nor reject');
      const rename = (from: string, to: string) =>
        inDatabase((database) => database.session((session) => session.run(`ALTER TABLE ${from} RENAME TO ${to}`)));
      await rename('ops_validation_results', 'hidden');
      const unkept = run({ alert: true, save: true, checks: ['B09'], asOf: '2024-08-01' }, folder, telegram);
      await expect(unkept).rejects.toThrow('ops_validation_results');
      await rename('hidden', 'ops_validation_results');
      expect(titles().at(-1)).toContain('[ERROR] Validation failed: 1 check (B09)');
    } finally {
      server.close();
    }
  });

  it('writes one page, with the exit code of check', async () => {
    const page = await report(surroundings(folder), { ...FLAGS, html: 'page.html', scope: 'bars' }).then(() =>
      readFileSync(join(folder, 'page.html'), 'utf8'),
    );
    expect(process.exitCode).toBeUndefined();
    expect(page).toMatch(/^<!doctype html>\n<html lang="en">/);
    expect(page).toContain('<title>Validation passed: ');
    expect(page).toContain('createChart');
  });

  it('takes a bare date for a day of the zone of the database', async () => {
    const place = otherPlace('zoned');
    await createFromSchema(place.name);
    await inTarget(place.target, (database) => fill(database, 'America/New_York'));
    const around = Object.assign(surroundings(folder), { env: place.env });
    process.exitCode = undefined;
    await check(around, FLAGS);
    expect([process.exitCode, around.out]).toEqual([undefined, expect.stringContaining('[OK] Validation passed')]);
    // the bar of this day ends with the day of New York, four hours after the one of UTC
    await check(around, { ...FLAGS, asOf: `${AS_OF}T23:59:59Z` });
    expect([process.exitCode, around.out]).toEqual([1, expect.stringMatching(/B05 .*FAIL/)]);
    // the day begins there after this instant
    await expect(check(around, { ...FLAGS, since: AS_OF, until: `${AS_OF}T03:00:00Z` })).rejects.toThrow(
      expect.objectContaining({ code: 'CLI_BAD_INSTANT' }),
    );
    await onServer(`DROP DATABASE ${place.name} WITH (FORCE)`);
  });

  it('fails on a database with nothing in it', async () => {
    const place = otherPlace('empty');
    await onServer(`CREATE DATABASE ${place.name}`);
    await inTarget(place.target, (database) => migrate(database));
    const around = Object.assign(surroundings(folder), { env: place.env });
    await check(around, FLAGS);
    await onServer(`DROP DATABASE ${place.name}`);
    expect(process.exitCode).toBe(1);
    expect(around.out).toContain('[FAILED] Validation failed: there was nothing to validate');
  });

  it('says what to do when there is no database', async () => {
    const around = { ...surroundings(folder), env: { DB_DIR: join(folder, 'none') } };
    await expect(check(around, FLAGS)).rejects.toThrow(
      expect.objectContaining({ code: 'CLI_NO_DATABASE', exitCode: 4 }),
    );
    expect(existsSync(join(folder, 'none'))).toBe(false);
  });
});
