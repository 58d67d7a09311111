import {
  BUILDERS,
  COMPONENTS,
  loadSettings,
  refresh,
  REFRESHERS,
  type Notice,
  type RefreshRequest,
  type RunReport,
} from '@ta/pipeline';
import { syntheticAssets, syntheticPrices } from '@ta/price-import';
import {
  acquireRunLock,
  lockItem,
  openDatabase,
  saveAsset,
  upsertSourceRows,
  type Database,
  type RunLock,
} from '@ta/state-store';
import {
  connectionName,
  installQueue,
  queueExecutor,
  runWorker,
  type DistributionOptions,
  type WorkerOptions,
} from '@ta/work-queue';
import {
  digestContent,
  differingTables,
  readContentColumns,
  type ContentDigest,
} from '../../pipeline/test/content-digest.ts';
import {
  clearDatabase,
  createTestDatabase,
  SMALL_CATALOGUE,
  useCatalogue,
  type TestDatabase,
} from '../../pipeline/test/test-database.ts';

export const IDS = [1, 2, 3];
const LAST_DAY = '2024-03-31';

/** A database with prices of a few assets, a queue, and nothing built. */
export async function createPlace(): Promise<TestDatabase> {
  const place = await createTestDatabase('postgres');
  await useCatalogue(place.database, SMALL_CATALOGUE);
  await place.database.session(installQueue);
  await fillPlace(place.database);
  return place;
}

/** Empties everything but the dimensions and puts the prices in again. */
export async function refillPlace({ database }: TestDatabase): Promise<void> {
  await clearDatabase(database);
  await fillPlace(database);
}

async function fillPlace(database: Database): Promise<void> {
  await database.transaction(async (tx) => {
    for (const asset of syntheticAssets(IDS.length, 1)) {
      await saveAsset(tx, asset);
      await upsertSourceRows(tx, syntheticPrices({ seed: 5, days: 40, lastDay: LAST_DAY, asset }));
    }
    await tx.run(`UPDATE cmc_price_histories7 SET load_ts = '2024-04-01Z'`);
  });
}

/** A caller at work on a distributed run. */
export interface Caller {
  readonly notices: Notice[];
  readonly report: Promise<RunReport>;
  /** Waits until it found that so many items lost their workers, none of which may be about to begin one. */
  findLost(count: number): Promise<void>;
  /** Ends its run in good order if it still goes on. */
  end(): Promise<void>;
  /** Ends the caller as a kill does: its run lock is gone, and nothing more is heard of it. */
  vanish(): Promise<void>;
}

let runs = 0;

/**
 * Starts a distributed run that holds the run lock, as the command does. Unless a test asks for it, no worker and no item is
 * given up for its slowness: how long a worker takes says nothing on a busy machine.
 */
export async function startCaller(
  place: TestDatabase,
  changes: Partial<RefreshRequest> = {},
  options: Partial<DistributionOptions> = {},
): Promise<Caller> {
  const runId = `run-${++runs}`;
  const lock: RunLock = await acquireRunLock(place.target, { runId, command: 'test', waitMs: 5_000, nowMs: 0 });
  const database = await openDatabase(place.target, { poolSize: 2, applicationName: `caller ${runId}` });
  const notices: Notice[] = [];
  const cancelled = new AbortController();
  const vanished = new AbortController();
  const settings = await database.session((session) => loadSettings(session, { runId, zone: 'UTC' }));
  const distribution: { lostAfterMs: number } & DistributionOptions = {
    ...{ tell: (notice) => notices.push(notice), onCancelled: () => cancelled.abort(new Error('cancelled')) },
    ...{ pollMs: 20, lostAfterMs: 600_000, aloneMs: 600_000, ...options },
  };
  const executor = queueExecutor(database, distribution);
  const run = refresh(
    database,
    {
      ...requestFor(settings),
      ...{ executor, signal: cancelled.signal, assertExclusive: async () => void (await lock.secure()), ...changes },
    },
    { notice: (notice) => notices.push(notice) },
    () => performance.now(),
  );
  const report = run.finally(async () => {
    if (vanished.signal.aborted) return;
    await database.close();
    await lock.release();
  });
  report.catch(() => undefined);
  return {
    notices,
    report,
    async findLost(count) {
      const { lostAfterMs } = distribution;
      distribution.lostAfterMs = 0;
      await until(() => notices.filter(({ event }) => event === 'worker_lost').length >= count);
      distribution.lostAfterMs = lostAfterMs;
    },
    async end() {
      cancelled.abort(new Error('the test is over'));
      await report.catch(() => undefined);
    },
    async vanish() {
      vanished.abort();
      await lock.release();
      cancelled.abort(new Error('vanished'));
      await database.close();
    },
  };
}

function requestFor(settings: RefreshRequest['settings']): RefreshRequest {
  return {
    ...{ components: COMPONENTS, builders: BUILDERS, refreshers: REFRESHERS, ids: IDS, settings },
    ...{ nowMs: Date.parse('2024-04-01T06:00:00Z'), stalenessHours: 48, skipStaleCheck: false },
    ...{ continueOnError: false, concurrency: 1, reconnectDelaysMs: [50, 100, 200] },
  };
}

/** The same run in one process. */
export async function runHere(place: TestDatabase, changes: Partial<RefreshRequest> = {}): Promise<RunReport> {
  const { database } = place;
  const settings = await database.session((session) => loadSettings(session, { runId: 'here', zone: 'UTC' }));
  return refresh(database, { ...requestFor(settings), ...changes }, {}, () => performance.now());
}

/** A worker in this process, with connections of its own. */
export interface TestWorker {
  readonly notices: Notice[];
  /** Settles when it has ended. */
  readonly ended: Promise<void>;
  /** How many steps it finished. */
  finished(): number;
  /** Ends it in good order. */
  drain(): Promise<void>;
  /** Cuts all its connections, again and again, and keeps it from going on: what a kill looks like to the server. */
  kill(): Promise<void>;
}

let pids = 0;

/**
 * Starts a worker.
 *
 * @param through puts something between the worker and its database
 */
export async function startWorker(
  place: TestDatabase,
  options: Partial<WorkerOptions> = {},
  through: (database: Database) => Database = (database) => database,
): Promise<TestWorker> {
  const name = { host: 'test', pid: ++pids };
  const concurrency = options.concurrency ?? 2;
  const database = await openDatabase(place.target, {
    poolSize: concurrency + 1,
    applicationName: connectionName(name),
  });
  const drain = new AbortController();
  const notices: Notice[] = [];
  let finished = 0;
  const work = runWorker(
    through(database),
    {
      ...{ name, concurrency, monotonicMs: () => performance.now(), redact: (text) => text, drain: drain.signal },
      ...{ pollMs: 20, reconnectDelaysMs: [50], ...options },
    },
    { itemFinished: () => finished++, notice: (notice) => notices.push(notice) },
  );
  const ended = work.finally(() => database.close());
  ended.catch(() => undefined);
  const end = () => {
    drain.abort();
    return ended;
  };
  return {
    notices,
    ended,
    finished: () => finished,
    drain: end,
    async kill() {
      drain.abort();
      const sql = `SELECT pg_terminate_backend(pid)::text FROM pg_stat_activity
        WHERE datname = current_database() AND application_name LIKE $1`;
      const cut = () => place.database.session((session) => session.query(sql, [`${connectionName(name)}%`]));
      await cut();
      await end();
    },
  };
}

/** Keeps workers from going on with any item until it is let go of. */
export async function holdItems(place: TestDatabase): Promise<() => Promise<void>> {
  let letGo: () => void = () => undefined;
  const held = new Promise<void>((resolve) => (letGo = resolve));
  let ended: Promise<void> = Promise.resolve();
  await new Promise<void>((resolve, reject) => {
    ended = place.database
      .transaction(async (tx) => {
        for (const id of IDS) await lockItem(tx, id);
        resolve();
        await held;
      })
      .catch(reject);
  });
  return async () => {
    letGo();
    await ended;
  };
}

/** Waits until so many statements of workers wait for a lock. */
export async function untilBlocked(place: TestDatabase, count: number): Promise<void> {
  await until(async () => {
    const [row] = await place.database.session((session) =>
      session.query<{ n: number }>(
        `SELECT count(*) AS n FROM pg_stat_activity WHERE datname = current_database()
           AND application_name LIKE 'ta worker%' AND wait_event_type = 'Lock'`,
      ),
    );
    return (row as { n: number }).n >= count;
  });
}

/** Waits until something holds. @throws Error after a hundred seconds: a busy machine takes its time */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  const deadlineMs = performance.now() + 100_000;
  while (!(await holds())) {
    if (performance.now() > deadlineMs) throw new Error('It did not come to that.');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Content of all tables, by id. */
export async function contentOf({ database }: TestDatabase): Promise<ReadonlyMap<number, ContentDigest>> {
  return database.session(async (session) => digestContent(session, await readContentColumns(session), IDS));
}

/** Where two contents differ, as `id table`. */
export function differences(
  left: ReadonlyMap<number, ContentDigest>,
  right: ReadonlyMap<number, ContentDigest>,
): string[] {
  return IDS.flatMap((id) =>
    differingTables(left.get(id) as ContentDigest, right.get(id) as ContentDigest).map((table) => `${id} ${table}`),
  );
}
