import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { BUILDERS, COMPONENTS, dimensionSeeds, loadSettings, refresh, REFRESHERS } from '@ta/pipeline';
import { mergeDimensions, migrate, openDatabase, type Database, type DatabaseTarget } from '@ta/state-store';
import type { PostgresServer } from '@ta/tools';
import {
  differingTables,
  digestContent,
  readContentColumns,
  type ContentDigest,
} from '../../../../../libs/pipeline/test/content-digest.ts';
import { applySourceEdit, type EditedWorld } from '../../../../../libs/pipeline/test/history/apply-edit.ts';
import { sourceEdit, type SourceEdit } from '../../../../../libs/pipeline/test/history/edit.ts';
import { Oracle } from '../../../../../libs/pipeline/test/history/oracle.ts';
import { upsertSql, type PriceRow } from '../../../../../libs/pipeline/test/history/price-row.ts';
import { useCatalogue } from '../../../../../libs/pipeline/test/test-database.ts';
import { startCli, type CliEnd } from './cli-process.ts';
import { withDatabase } from './postgres-arena.ts';
import { seededRandom } from './random.ts';
import { SMALL_WORLD } from './small-world.ts';

/** The day before the first one: 2023-06-30; a leap day lies in the year that follows. */
const DAY_BEFORE = 19_538;
const ONE_DAY_MS = 86_400_000;

/** What a year is made of. */
export interface YearPlan {
  readonly assets: number;
  readonly seed: number;
  /** Share of the days on which a run or the server is struck. */
  readonly faults: number;
}

/** What happened. */
export interface YearFigures {
  rowsArrived: number;
  edits: number;
  runs: number;
  /** Runs by the command in a process of its own: all that are struck, and every tenth day. */
  byCommand: number;
  killed: number;
  serverStops: number;
  /** Runs struck by a stop of the server that went on by themselves. */
  survived: number;
}

/** A year of daily work, day by day. */
export interface Year {
  readonly figures: Readonly<YearFigures>;
  /** Lives through one day: prices arrive, history is edited, the refresh runs until it has succeeded. */
  live(day: number): Promise<void>;
  /** Compares every table with one build, and lets the validator look. */
  judge(lastDay: number): Promise<Judgement>;
  close(): Promise<void>;
}

/** What is wrong in the end: nothing, when all is well. */
export interface Judgement {
  readonly wrong: readonly string[];
  readonly findings: readonly string[];
  readonly compared: number;
  readonly rows: Readonly<Record<string, number>>;
}

/** Prepares an empty database on a server that may be struck. */
export async function openYear(server: PostgresServer, plan: YearPlan): Promise<Year> {
  const random = seededRandom(plan.seed);
  const target = (name: string): DatabaseTarget => ({
    engine: 'postgres',
    url: withDatabase(server.url, name),
    source: 'year',
  });
  const logDir = await mkdtemp(path.join(tmpdir(), 'ta-year-'));
  for (const name of ['year', 'built_once']) await prepare(server.url, target(name), name);
  const ids = Array.from({ length: plan.assets }, (_, i) => i + 1);
  // the loader and the runs in this process keep their connections until the server is struck
  let held: Database | null = null;
  const inYear = async <T>(work: (database: Database) => Promise<T>): Promise<T> =>
    work((held ??= await openDatabase(target('year'), { poolSize: 6, applicationName: 'year' })));
  const letGo = async () => {
    await held?.close();
    held = null;
  };
  await inYear((database) =>
    database.transaction((tx) =>
      tx.run(`INSERT INTO dim_assets (id, name) SELECT n, 'asset ' || n FROM generate_series(1, ${plan.assets}) n`),
    ),
  );
  const env = { DATABASE_URL: withDatabase(server.url, 'year'), ALERT_OHLC_MAX_PCT: '5' };
  const figures: YearFigures = {
    rowsArrived: 0,
    edits: 0,
    runs: 0,
    byCommand: 0,
    killed: 0,
    serverStops: 0,
    survived: 0,
  };
  let busySeconds = 3;

  async function arrive(day: number): Promise<void> {
    // every tenth asset is listed later, and now and then a day is missing
    const arriving = ids.filter((id) => (id % 10 !== 0 || day > id * 5) && random() >= 0.01);
    const statements = arriving.map((id) => upsertSql(id, DAY_BEFORE + day, [dayRow(random)]));
    await inYear((database) => database.transaction((tx) => tx.run(statements.join(';\n'))));
    figures.rowsArrived += arriving.length;
  }

  async function edit(day: number): Promise<void> {
    if (day < 5 || random() > 0.6) return;
    const id = 1 + Math.floor(random() * plan.assets);
    const world: EditedWorld = { ids: [id, 1 + (id % plan.assets)], series: [], zone: 'UTC' };
    const [made] = fc.sample(modestEdit, { seed: Math.floor(random() * 2 ** 31), numRuns: 1 });
    await inYear((database) => database.transaction((tx) => applySourceEdit(tx, world, made as SourceEdit)));
    figures.edits++;
  }

  const start = (day: number, ...more: string[]) => {
    figures.runs++;
    figures.byCommand++;
    return startCli(['refresh', '--all', '--as-of', asOf(day), '--log-dir', logDir, '--no-alerts', ...more], env);
  };

  async function strike(day: number): Promise<void> {
    const run = start(day);
    await run.said(/Database: /);
    await sleep(random() * busySeconds * 1000);
    if (random() < 0.75) {
      run.kill('SIGKILL');
      if ((await run.ended).code === null) figures.killed++;
      return;
    }
    await letGo();
    await server.kill('immediate');
    await server.restart();
    figures.serverStops++;
    const end = await run.ended;
    if (end.code === 0) figures.survived++;
    else if (end.code !== 1 && end.code !== 4) throw new Error(`A stop of the server: ${told(end)}`);
  }

  return {
    figures,
    async live(day) {
      await arrive(day);
      await edit(day);
      const isStruck = day > 2 && random() < plan.faults;
      if (isStruck) await strike(day);
      if (!isStruck && day % 10 !== 0) return inYear((database) => refreshHere(database, ids, figures, day));
      const end = await start(day).ended;
      if (end.code !== 0) throw new Error(`Day ${day}: ${told(end)}`);
      busySeconds = 0.7 * busySeconds + 0.3 * end.seconds;
    },
    async judge(lastDay) {
      // an asset without a price for two days was left behind by the others
      const last = await start(lastDay, '--skip-stale-check').ended;
      if (last.code !== 0) throw new Error(`The last run: ${told(last)}`);
      const check = startCli(['check', '--profile', 'full', '--as-of', asOf(lastDay)], env, 'validator');
      const end = await check.ended;
      const findings = end.code === 0 ? [] : [`validator check: ${told(end)}\n${end.stdout.slice(0, 4000)}`];
      const second = await openDatabase(target('built_once'), { poolSize: 2 });
      try {
        return { ...(await inYear((database) => compare(database, second, ids))), findings };
      } finally {
        await second.close();
      }
    },
    async close() {
      await letGo();
      await rm(logDir, { recursive: true, force: true });
    },
  };
}

/** A refresh of everything in this process, as the command does it. */
async function refreshHere(
  database: Database,
  ids: readonly number[],
  figures: YearFigures,
  day: number,
): Promise<void> {
  figures.runs++;
  const settings = await database.session((session) => loadSettings(session, { runId: `day ${day}`, zone: 'UTC' }));
  const request = {
    ...{ components: COMPONENTS, builders: BUILDERS, refreshers: REFRESHERS, ids, settings },
    ...{
      nowMs: Date.parse(asOf(day)),
      stalenessHours: 48,
      skipStaleCheck: false,
      continueOnError: false,
      concurrency: 4,
    },
  };
  const { components } = await refresh(database, request, {}, () => performance.now());
  const failed = components.find(({ status }) => status !== 'ok');
  if (failed !== undefined) throw new Error(`Day ${day}: ${JSON.stringify(failed)}`);
}

/** Corrections that leave a sound row: what the validator would rightly find fault with in the source is left to other tests. */
const SOUND = ['close = close * 1.01', 'high = high * 1.5', 'low = low / 3', 'volume = NULL', 'circulatingsupply = 1'];

/** Edits as a provider makes them: no asset loses its whole history, days arrive by themselves, and prices are prices. */
const modestEdit = sourceEdit.filter((one) => {
  if (one.edit === 'append' || one.edit === 'prepend') return false;
  if (one.edit === 'insert') return one.row.shape === 'plain' || one.row.shape === 'flat';
  if (one.edit === 'correct') return SOUND.includes(one.set);
  return one.edit !== 'delete' || one.rows <= 7;
});

async function prepare(serverUrl: string, target: DatabaseTarget, name: string): Promise<void> {
  const admin = await openDatabase({ engine: 'postgres', url: serverUrl, source: 'year' }, { poolSize: 1 });
  await admin.session((session) => session.run(`CREATE DATABASE ${name}`));
  await admin.close();
  const database = await openDatabase(target, { poolSize: 1 });
  await migrate(database, (tx) => mergeDimensions(tx, dimensionSeeds()));
  await useCatalogue(database, SMALL_WORLD);
  await database.close();
}

/** The prices of one day of one asset. */
function dayRow(random: () => number): PriceRow {
  const seventh = () => 60 + Math.floor(random() * 21);
  return {
    afterDays: 1,
    closesAt: 'end',
    shape: 'plain',
    open: seventh(),
    close: seventh(),
    reach: Math.floor(random() * 4),
  };
}

async function compare(
  database: Database,
  second: Database,
  ids: readonly number[],
): Promise<Omit<Judgement, 'findings'>> {
  return database.session(async (session) => {
    const columns = await readContentColumns(session);
    const settings = await loadSettings(session, { runId: 'year', zone: 'UTC' });
    const oracle = new Oracle(
      { database: second, target: { engine: 'postgres', url: '', source: '' }, drop: () => Promise.resolve() },
      columns,
    );
    const digests = await digestContent(session, columns, ids);
    const wrong: string[] = [];
    let compared = 0;
    for (const id of ids) {
      const built = await oracle.buildOf(session, id, settings);
      compared += columns.size;
      wrong.push(
        ...differingTables(digests.get(id) as ContentDigest, built.digest).map((table) => `asset ${id}: ${table}`),
      );
    }
    const [rows] = await session.query<Record<string, number>>(
      `SELECT (SELECT count(*) FROM cmc_price_histories7)::int AS source, (SELECT count(*) FROM cmc_price_bars_1d)::int AS daily_bars,
        (SELECT count(*) FROM cmc_price_bars_1d_rejects)::int AS rejects, (SELECT count(*) FROM cmc_price_bars_multi_tf_u)::int AS bars,
        (SELECT count(*) FROM cmc_ema_multi_tf_u)::int AS emas`,
    );
    return { wrong, compared, rows: rows ?? {} };
  });
}

/** Six hours after a day has ended. */
function asOf(day: number): string {
  return new Date((DAY_BEFORE + day + 1) * ONE_DAY_MS + 6 * 3_600_000).toISOString();
}

function told(end: CliEnd): string {
  return `exit code ${end.code}, ${end.stderr.trim().split('\n').slice(-6).join(' / ')}`;
}
