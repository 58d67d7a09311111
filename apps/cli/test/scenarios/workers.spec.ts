import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { DAY_MS } from '@ta/cli-kit';
import { lockItem } from '@ta/state-store';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { differingTables, digestContent, readContentColumns } from '../../../../libs/pipeline/test/content-digest.ts';
import { localDate } from '../../src/run-log.ts';
import { runInside, type Ended } from '../kit/run-inside.ts';
import { logText, ta } from '../kit/ta.ts';
import { AS_OF_MS, createWorld, hasPostgres, type World } from '../kit/world.ts';
import { startCli, type CliRun } from '../resilience/rig/cli-process.ts';
import { holdSession, waitUntilBlocked } from '../resilience/rig/hold-table.ts';

const MARK = randomBytes(4).toString('hex');
/** The script that makes roles, with names of their own: roles belong to the server, which other tests use as well. */
const ROLES = readFileSync(
  path.resolve(import.meta.dirname, '../../../../libs/state-store/roles.sql'),
  'utf8',
).replaceAll(/\bta_(read|refresh)\b/g, `ta_$1_${MARK}`);

describe.skipIf(!hasPostgres())('a refresh by workers', () => {
  let world: World;
  let single: World;
  let workers: CliRun[] = [];
  /** Callers and workers have no more rights than a refresh needs. */
  let env: Record<string, string>;
  beforeAll(async () => {
    const options = { assets: 3, days: 40, badRows: { everyDays: 17 } };
    [world, single] = [await createWorld(options), await createWorld(options)];
    const url = new URL(world.url);
    [url.username, url.password] = [`worker_${MARK}`, 'least'];
    env = { DATABASE_URL: url.href };
  });
  afterEach(async () => {
    for (const worker of workers) worker.kill('SIGKILL');
    await Promise.all(workers.map(({ ended }) => ended));
    workers = [];
  });
  afterAll(async () => {
    const roles = ['worker', 'ta_refresh', 'ta_read'].map((name) => `${name}_${MARK}`).join(', ');
    await world?.use((session) => session.run(`DROP OWNED BY ${roles}; DROP ROLE ${roles}`));
    await world?.drop();
    await single?.drop();
  });

  const inside = (line: string, own: Record<string, string> = env) =>
    runInside(line.split(' '), { root: world.root, env: own, nowMs: AS_OF_MS });
  const startWorker = async (...flags: string[]) => {
    const args = ['worker', '--concurrency', '2', '--log-dir', world.logDir, ...flags];
    const worker = startCli(args, { TA_HOME: world.root, ...env });
    workers.push(worker);
    expect(await worker.said(/\[OK\] Worker ready/), worker.output()).toBe(true);
    return worker;
  };
  const digest = (place: World) =>
    place.use(async (session) => digestContent(session, await readContentColumns(session), place.ids));

  it('a worker needs the queue, which ta db migrate makes', async () => {
    const early = await inside('worker', world.env);
    expect([early.code, early.stderr]).toEqual([4, expect.stringContaining('There is no queue in this database yet')]);
    expect((await inside('queue status', world.env)).code).toBe(4);
    expect((await inside('db migrate', world.env)).code).toBe(0);
    await world.use((session) =>
      session.run(`${ROLES}; CREATE ROLE worker_${MARK} LOGIN PASSWORD 'least' IN ROLE ta_refresh_${MARK}`),
    );
    const status = await inside('queue status');
    expect([status.code, status.stdout]).toEqual([0, expect.stringContaining('Run: none\nItems: 0 waiting')]);
  });

  it('survives the kill of a worker and ends like a run in one process', async () => {
    const items = await holdSession(world.url);
    await items.session.run('BEGIN');
    for (const id of world.ids) await lockItem(items.session, id);
    const dying = await startWorker();
    const caller = ta(world, 'refresh --all --distribute', env);
    await waitUntilBlocked(world.url, 2);
    dying.kill('SIGKILL');
    const other = await startWorker();
    await items.end();
    const [there, here] = [await caller, await ta(single, 'refresh --all')];
    expect([there.code, here.code], there.stderr + here.stderr).toEqual([0, 0]);
    expect(there.stderr).toContain('another worker takes over');
    const summary = (text: string) => text.slice(text.indexOf('DAILY REFRESH SUMMARY')).replaceAll(/\d+\.\d+s/g, 'n s');
    expect(summary(there.stdout)).toBe(summary(here.stdout));
    const [left, right] = [await digest(world), await digest(single)];
    for (const id of world.ids) expect(differingTables(left.get(id) as never, right.get(id) as never)).toEqual([]);
    const history = 'SELECT component, step, id, status, rows_written FROM ops_run_items ORDER BY 1, 2, 3';
    expect(await world.sql(history)).toEqual(await single.sql(history));
    other.kill('SIGTERM');
    const ended = await other.ended;
    expect([ended.code, ended.stdout]).toEqual([
      0,
      expect.stringMatching(/\[OK\] Worker ended: 30 step\(s\) finished/),
    ]);
  });

  it('--verbose prints a line per id and step, on the console alone', async () => {
    const worker = await startWorker('--verbose');
    expect((await inside('bars --full-rebuild --distribute')).code).toBe(0);
    worker.kill('SIGTERM');
    const { code, stdout } = await worker.ended;
    const line = /DEBUG: \[bars\/1d\] id \d+: ok \d+ written/;
    expect([code, stdout]).toEqual([0, expect.stringMatching(line)]);
    expect(logText(world)).not.toMatch(line);
  });

  it('ta queue shows a run, and ends it with exit code 130', async () => {
    await world.sql('DELETE FROM cmc_price_bars_1d_state');
    expect((await inside('queue pause')).stdout).toContain('[OK] Paused');
    await startWorker();
    const caller = startCli(['refresh', '--bars', '--distribute', '--log-dir', world.logDir], {
      TA_HOME: world.root,
      ...env,
    });
    expect(await caller.said(/The queue is paused/), caller.output()).toBe(true);
    const { stdout } = await inside('queue status');
    expect(stdout).toMatch(/Queue: paused\nRun: \S+ \(bars\)\nItems: 3 waiting, 0 running, 0 finished\nWorkers:/);
    expect(JSON.parse((await inside('queue status --format json')).stdout)).toMatchObject({
      ...{ isPaused: true, items: { waiting: 3 }, workers: [{ items: [] }] },
    });
    expect((await inside('refresh --bars')).code).toBe(3);
    const cancelled = await inside('queue cancel');
    expect([cancelled.code, cancelled.stdout]).toEqual([0, expect.stringMatching(/\[OK\] Run \S+ is being cancelled/)]);
    const ended = await caller.ended;
    expect([ended.code, ended.stderr]).toEqual([130, expect.stringContaining('cancelled by ta queue cancel')]);
    expect((await world.sql('SELECT status FROM ops_runs ORDER BY started_at DESC LIMIT 1'))[0]).toEqual({
      status: 'interrupted',
    });
    expect((await inside('queue cancel')).code).toBe(1);
    expect((await inside('queue resume')).stdout).toContain('[OK] Workers take items again');
  });

  it('goes by the settings of the database', async () => {
    expect((await inside('settings --tz America/New_York --full-rebuild')).code).toBe(0);
    await world.sql('DELETE FROM cmc_price_bars_1d_state');
    await startWorker();
    const refused = await inside('refresh --all --distribute --tz UTC');
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('America/New_York')]);
    expect((await inside('refresh --all --distribute')).code).toBe(0);
    const zones = await world.sql('SELECT DISTINCT tz FROM cmc_price_bars_multi_tf_state');
    expect(zones).toEqual([{ tz: 'America/New_York' }]);
  });

  it('a worker logs in the file of the day, also when that of its start was deleted', async () => {
    const logDir = path.join(world.root, 'worker-logs');
    let nowMs = AS_OF_MS;
    let ended: Promise<Ended> | undefined;
    await new Promise<unknown>((resolve) => {
      const onLine = (line: string) => line.includes('Worker ready') && resolve(line);
      ended = runInside(['worker', '--log-dir', logDir], { root: world.root, env, now: () => nowMs, onLine });
      void ended.then(resolve);
    });
    for (const name of readdirSync(logDir)) rmSync(path.join(logDir, name));
    nowMs += 40 * DAY_MS;
    await world.sql('ALTER TABLE ta_queue.job RENAME TO hidden');
    try {
      expect((await ended)?.code).toBe(4);
    } finally {
      await world.sql('ALTER TABLE ta_queue.hidden RENAME TO job');
    }
    expect(readdirSync(logDir)).toEqual([`refresh-${localDate(nowMs)}.log`]);
    expect(logText({ logDir })).toContain('worker FAILED');
  });

  it.each([
    ['refresh --all --distribute --shard 0/2', '--distribute and --shard exclude each other'],
    ['bars --distribute --concurrency 2', '--distribute and --concurrency exclude each other'],
    ['worker --concurrency 0', '--concurrency: expected a whole number from 1 to 32'],
    ['worker --concurrency 1.5', '--concurrency: expected a whole number from 1 to 32'],
    ['queue drain', 'is not one of status, pause, resume, cancel'],
  ])('ta %s is wrong usage', async (line, text) => {
    const ended = await inside(line);
    expect([ended.code, ended.stderr]).toEqual([2, expect.stringContaining(text)]);
  });

  it.each(['refresh --all --distribute', 'worker', 'queue status', 'queue cancel'])(
    'PGlite refuses ta %s',
    async (line) => {
      const ended = await inside(line, {});
      expect([ended.code, ended.stderr]).toEqual([2, expect.stringContaining('needs a PostgreSQL server')]);
    },
  );

  it('a dry run names the flag in its commands', async () => {
    expect((await inside('bars --distribute --dry-run')).stdout).toContain('--builders 1d --ids all --distribute');
  });
});
