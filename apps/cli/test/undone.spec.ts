import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { acquireRunLock } from '@ta/state-store';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { changedEmas, insertTrigger, storageOf } from '../../../libs/pipeline/test/ema-edits.ts';
import { endSessions } from '../../../libs/pipeline/test/kept-sessions.ts';
import { fakeTelegram, type FakeTelegram } from './kit/fake-telegram.ts';
import { runInside, type Ended } from './kit/run-inside.ts';
import { AS_OF_MS, copyWorld, createWorld, hasPostgres, type World } from './kit/world.ts';

/** A way of leaving something undone. */
interface Way {
  readonly title: string;
  /** Whether everything is built before. */
  readonly isBuilt?: boolean;
  /** Brings it about; what it returns undoes it, where others would suffer. */
  prepare?(world: World, id: number): Promise<void | (() => Promise<unknown>)>;
  /** The command line; `ID` stands for the first asset. */
  readonly line: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly code: number;
  /** What the summary, or the message, says. */
  readonly says: RegExp;
  /** The alert that is sent. */
  readonly alert: RegExp;
}

/** Makes every write of an id into a table fail. */
const refuse =
  (table: string, action = `RAISE EXCEPTION 'malformed row'`) =>
  async (world: World, id: number) => {
    for (const statement of insertTrigger(table, { name: 'refuse', when: `NEW.id = ${id}`, action }))
      await world.sql(statement);
  };
const run = (text: string) => async (world: World, id: number) => {
  await world.sql(text.replaceAll('ID', String(id)));
};
/** What other programs do to the first price of an asset: correct it, move it to an earlier day, spoil it. */
const CORRECTION = `UPDATE cmc_price_histories7 SET close = (open + close) / 2, load_ts = now() WHERE id = ID AND "timestamp" =
  (SELECT min("timestamp") FROM cmc_price_histories7 WHERE id = ID)`;
const BACKFILL = `UPDATE cmc_price_histories7 SET "timestamp" = "timestamp" - interval '9 days', timeopen = NULL, timeclose = NULL,
  timehigh = NULL, timelow = NULL, load_ts = now() WHERE id = ID AND "timestamp" =
  (SELECT min("timestamp") FROM cmc_price_histories7 WHERE id = ID)`;
const REFUSED_ROW = `UPDATE cmc_price_histories7 SET close = NULL, load_ts = now() WHERE id = ID AND "timestamp" =
  (SELECT min("timestamp") FROM cmc_price_histories7 WHERE id = ID)`;

const FAILED = (name: string) => new RegExp(`\\[FAILED\\] Failed \\w+:\\n(?:  - .*\\n)*  - ${name}[: ]`);
const BEHIND = /derived_behind/;

const WAYS: readonly Way[] = [
  // steps that cannot do what the data ask for
  {
    title: 'a nightly run of daily bars and EMAs only',
    ...{ isBuilt: true, prepare: run(CORRECTION), line: 'refresh --all --builders 1d' },
    ...{ code: 1, says: FAILED('emas'), alert: /emas failed/ },
  },
  {
    title: 'a run that leaves one family out',
    ...{ isBuilt: true, prepare: run(CORRECTION), line: 'refresh --all --skip cal_iso' },
    ...{ code: 1, says: FAILED('emas'), alert: /emas failed/ },
  },
  {
    title: 'EMAs on bars that are behind',
    isBuilt: true,
    async prepare(world) {
      await run(CORRECTION)(world, world.ids[0] as number);
      expect((await ta(world, 'bars --builders 1d')).code).toBe(0);
    },
    ...{ line: 'emas', code: 1, says: FAILED('multi_tf'), alert: /emas failed/ },
  },
  {
    title: 'multi-day bars before any daily bars',
    line: 'bars --skip 1d',
    code: 1,
    says: BEHIND,
    alert: /bars failed/,
  },
  {
    title: 'EMAs before any bars, without the gate',
    ...{ line: 'emas --skip-stale-check', code: 1, says: BEHIND, alert: /emas failed/ },
  },
  {
    title: 'EMAs before any bars',
    line: 'refresh --emas',
    code: 1,
    says: /no IDs with fresh bars/,
    alert: /emas failed/,
  },
  {
    title: 'EMAs of no asset with fresh bars',
    ...{
      isBuilt: true,
      line: 'refresh --all --as-of 2024-08-01',
      code: 1,
      says: FAILED('emas'),
      alert: /Bars stale|emas failed/,
    },
  },
  // writes that fail
  {
    title: 'daily bars that cannot be written',
    ...{
      prepare: refuse('cmc_price_bars_1d'),
      line: 'refresh --all',
      code: 1,
      says: /\[STOPPED\]/,
      alert: /bars failed/,
    },
  },
  {
    title: 'bars of one asset that cannot be written, past the failure',
    prepare: refuse('cmc_price_bars_multi_tf_cal_us'),
    ...{ line: 'refresh --all --continue-on-error', code: 1, says: FAILED('bars'), alert: /bars failed/ },
  },
  {
    title: 'EMAs that cannot be written',
    ...{
      prepare: refuse('cmc_ema_multi_tf_v2'),
      line: 'refresh --all',
      code: 1,
      says: FAILED('emas'),
      alert: /emas failed/,
    },
  },
  {
    title: 'state that cannot be written',
    ...{ prepare: refuse('cmc_price_bars_1d_state'), line: 'bars', code: 1, says: FAILED('1d'), alert: /bars failed/ },
  },
  {
    title: 'rejects that cannot be written',
    async prepare(world, id) {
      await run(REFUSED_ROW)(world, id);
      await refuse('cmc_price_bars_1d_rejects')(world, id);
    },
    ...{ line: 'bars', code: 1, says: FAILED('1d'), alert: /bars failed/ },
  },
  {
    title: 'a table that is not there',
    prepare: run(`ALTER TABLE ${storageOf('cmc_ema_multi_tf')} RENAME TO hidden`),
    ...{ line: 'refresh --all', code: 1, says: FAILED('emas'), alert: /emas failed/ },
  },
  {
    title: 'a log of changes that cannot be read',
    isBuilt: true,
    prepare: run('ALTER TABLE cmc_price_histories7_changes RENAME TO hidden'),
    ...{ line: 'refresh --all', code: 1, says: FAILED('bars'), alert: /bars failed/ },
  },
  // limits and policies
  {
    title: 'a component that runs out of time',
    prepare: refuse('cmc_price_bars_multi_tf_cal_us', 'PERFORM pg_sleep(3)'),
    ...{ line: 'refresh --all --timeout-bars 1', code: 1, says: FAILED('bars'), alert: /bars timed out/ },
  },
  {
    title: 'a backfill that the caller refuses',
    isBuilt: true,
    prepare: run(BACKFILL),
    ...{ line: 'refresh --all --on-backfill fail', code: 1, says: FAILED('bars'), alert: /bars failed/ },
  },
  {
    title: 'rejects that the caller refuses',
    prepare: run(REFUSED_ROW),
    ...{ line: 'refresh --all --fail-on-rejects', code: 1, says: FAILED('bars'), alert: /bars failed/ },
  },
  {
    title: 'findings of the validation that the caller refuses',
    isBuilt: true,
    async prepare(world, id) {
      await world.sql(changedEmas({ table: 'cmc_ema_multi_tf_v2', id }, 'ema', (ema) => `${ema} * 1.5`));
    },
    ...{ line: 'refresh --all --validate --fail-on-validation', code: 1, says: FAILED('validation'), alert: /./ },
  },
  // runs that cannot begin
  {
    title: 'no active asset',
    ...{
      prepare: run('UPDATE dim_assets SET is_active = false'),
      line: 'refresh --all',
      code: 1,
      says: /No active assets/,
      alert: /refresh ended with exit code 1.*No active assets/s,
    },
  },
  {
    title: 'an asset that does not exist',
    line: 'refresh --all --ids 999999',
    ...{ code: 2, says: /Unknown asset ids/, alert: /exit code 2.*Unknown asset ids/s },
  },
  {
    title: 'a flag out of its bounds',
    line: 'refresh --all --concurrency 99',
    ...{ code: 2, says: /--concurrency/, alert: /exit code 2.*--concurrency/s },
  },
  {
    title: 'a database URL that is none',
    env: { DATABASE_URL: '', REQUIRE_DB_URL: '1' },
    ...{ line: 'bars', code: 4, says: /DATABASE_URL/, alert: /bars ended with exit code 4/ },
  },
  {
    title: 'a flag that says otherwise than the database',
    ...{
      isBuilt: true,
      line: 'refresh --all --tz Asia/Tokyo',
      code: 2,
      says: /Asia\/Tokyo.*UTC/,
      alert: /exit code 2.*Tokyo/s,
    },
  },
  {
    title: 'nothing to resume',
    line: 'refresh --resume',
    ...{ code: 2, says: /no failed run/, alert: /exit code 2.*no failed run/s },
  },
  {
    title: 'another run that holds the lock',
    async prepare(world) {
      const target = { engine: 'postgres', url: world.url, source: 'test' } as const;
      const lock = await acquireRunLock(target, { runId: 'other', command: 'refresh', waitMs: 0, nowMs: AS_OF_MS });
      return () => lock.release();
    },
    ...{ line: 'refresh --all', code: 3, says: /Another \w+ is running/, alert: /exit code 3.*run other/s },
  },
  {
    title: 'a database that a newer version migrated',
    prepare: run(`INSERT INTO ta_store.__drizzle_migrations (hash, created_at) VALUES ('future', 99999999999999)`),
    ...{ line: 'refresh --all', code: 4, says: /migrated by a newer version/, alert: /does not match this program/ },
  },
  {
    title: 'a database that takes no writes',
    async prepare(world) {
      const name = new URL(world.url).pathname.slice(1);
      await world.sql(`ALTER DATABASE ${name} SET default_transaction_read_only = on`);
      await endSessions(world.url); // new ones go by it
    },
    ...{ line: 'refresh --all', code: 4, says: /read-only/, alert: /exit code 4.*read-only/s },
  },
  {
    title: 'no server',
    env: { DATABASE_URL: 'postgresql://nobody@127.0.0.1:1/none' },
    ...{ line: 'refresh --all', code: 4, says: /Cannot connect/, alert: /No connection/ },
  },
  {
    title: 'an embedded database for workers',
    env: { DATABASE_URL: '', DB_DIR: '/nonexistent/pg' },
    ...{ line: 'refresh --all --distribute', code: 2, says: /PostgreSQL/, alert: /exit code 2.*PostgreSQL/s },
  },
];

async function ta(world: World, line: string, env: Readonly<Record<string, string>> = {}): Promise<Ended> {
  return runInside(line.split(' '), {
    root: world.root,
    env: { ...world.env, REFRESH_AS_OF: '2024-06-28', ...env },
    nowMs: AS_OF_MS,
  });
}

const told = ({ received }: FakeTelegram) => received.map(({ text }) => text).join('\n');

describe.skipIf(!hasPostgres())('a run that leaves something undone', () => {
  // every way begins with a copy of one of them
  let [fresh, built]: (World | undefined)[] = [];
  let world: World | undefined;
  beforeAll(async () => {
    fresh = await createWorld({ days: 15 });
    built = await copyWorld(fresh);
    expect((await ta(built, 'refresh --all')).code).toBe(0);
  });
  afterEach(async () => {
    await world?.drop();
    world = undefined;
  });
  afterAll(async () => {
    await fresh?.drop();
    await built?.drop();
  });

  it('does so in at least twenty ways', () => {
    expect(new Set(WAYS.map(({ line, title }) => `${title} ${line}`)).size).toBeGreaterThanOrEqual(20);
  });

  it.each(WAYS)('$title: $line', async (way) => {
    world = await copyWorld((way.isBuilt === true ? built : fresh) as World);
    const id = world.ids[0] as number;
    const undo = await way.prepare?.(world, id);
    const telegram = await fakeTelegram();
    try {
      const ended = await ta(world, way.line, { ...telegram.env, ...way.env });
      expect(ended.stdout + ended.stderr).toMatch(way.says);
      expect(ended.code, ended.stdout + ended.stderr).toBe(way.code);
      expect(ended.stdout + ended.stderr).not.toContain('completed successfully');
      expect(told(telegram)).toMatch(way.alert);
    } finally {
      await telegram.close();
      await undo?.();
    }
  });
});

const NEVER_ENDED = `INSERT INTO ops_runs (run_id, command, args, status, host, pid, started_at)
  VALUES ('lost', 'refresh', '{}', 'running', 'here', 1, '2024-06-28T06:00:00Z')`;

describe.each([...(hasPostgres() ? (['postgres'] as const) : []), 'pglite' as const])('on %s', (engine) => {
  let world: World;
  let telegram: FakeTelegram;
  beforeAll(async () => void (world = await createWorld({ engine, days: 15, assets: 1, isKeptOpen: true })));
  beforeEach(async () => void (telegram = await fakeTelegram()));
  afterEach(() => telegram.close());
  afterAll(() => world.drop());

  it('a run that died is an alert of the next one, which does its work', async () => {
    await world.sql(NEVER_ENDED);
    const ended = await ta(world, 'refresh --all', telegram.env);
    expect(ended.code, ended.stderr).toBe(0);
    expect(told(telegram)).toMatch(/\[ERROR\] An earlier run ended unexpectedly.*run lost never ended/s);
    const again = await ta(world, 'refresh --all', telegram.env);
    expect([again.code, telegram.received.length]).toStrictEqual([0, 1]);
  });

  it('a run that somebody ends raises no alert', async () => {
    const before = process.listeners('SIGTERM');
    const ending = ta(world, 'refresh --all --full-rebuild', telegram.env);
    const added = () => process.listeners('SIGTERM').find((listener) => !before.includes(listener));
    await vi.waitFor(() => expect(added()).toBeDefined(), { timeout: 60_000 });
    added()?.('SIGTERM');
    const ended = await ending;
    expect(ended.code, ended.stderr).toBe(143);
    expect(telegram.received).toStrictEqual([]);
  });

  if (engine === 'postgres') return;
  const folder = () => world.env['DB_DIR'] as string;

  it('a lock file that cannot be written ends a run with exit code 4 and an alert, a reader with exit code 4', async () => {
    const lock = path.join(folder(), 'ta-run.lock');
    await rm(lock, { force: true });
    await mkdir(lock);
    try {
      const ended = await ta(world, 'refresh --all', telegram.env);
      expect([ended.code, ended.stderr]).toStrictEqual([4, expect.stringContaining('ta-run.lock')]);
      expect(told(telegram)).toMatch(/\[ERROR\] refresh ended with exit code 4.*ta-run\.lock/s);
      expect((await ta(world, 'state show --bars')).code).toBe(4);
    } finally {
      await rm(lock, { recursive: true });
    }
  });

  it('another run that holds the folder is exit code 3 and an alert', async () => {
    const target = { engine: 'pglite', dir: folder(), source: 'test' } as const;
    const lock = await acquireRunLock(target, { runId: 'other', command: 'refresh', waitMs: 0, nowMs: AS_OF_MS });
    try {
      const ended = await ta(world, 'refresh --all', telegram.env);
      expect([ended.code, ended.stderr]).toStrictEqual([3, expect.stringContaining('Another')]);
      expect(told(telegram)).toMatch(/exit code 3.*run other/s);
    } finally {
      await lock.release();
    }
  });
});
