import type { RefreshRequest, RunReport } from '@ta/pipeline';
import { StoreError, type Database } from '@ta/state-store';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  cancelRun,
  installQueue,
  pauseQueue,
  readQueueStatus,
  resumeQueue,
  type DistributionOptions,
} from '@ta/work-queue';
import type { ContentDigest } from '../../pipeline/test/content-digest.ts';
import { hasPostgres, type TestDatabase } from '../../pipeline/test/test-database.ts';
import {
  contentOf,
  createPlace,
  differences,
  holdItems,
  IDS,
  refillPlace,
  runHere,
  startCaller,
  startWorker,
  until,
  untilBlocked,
  type Caller,
  type TestWorker,
} from './distribution.ts';

/** An item is taken for lost soon after its worker. */
const LOST_SOON = { lostAfterMs: 300 };

describe.skipIf(!hasPostgres())('a run on workers', () => {
  let place: TestDatabase;
  let single: ReadonlyMap<number, ContentDigest>;
  let singleReport: RunReport;
  let workers: TestWorker[] = [];
  const callers: Caller[] = [];
  const holds: (() => Promise<void>)[] = [];
  beforeAll(async () => {
    place = await createPlace();
    singleReport = await runHere(place);
    single = await contentOf(place);
  });
  beforeEach(() => refillPlace(place));
  // a test that failed leaves nothing to the next one
  afterEach(async () => {
    for (const release of holds.splice(0)) await release();
    await untilNobodyWorks();
    await place.database.session(resumeQueue);
    await write('DELETE FROM ta_queue.job');
  });
  afterAll(() => place?.drop());

  const untilNobodyWorks = async () => {
    for (const worker of workers.splice(0)) await worker.drain();
    for (const caller of callers.splice(0)) await caller.end();
  };
  const work = async (...options: Parameters<typeof startWorker>[1][]) => {
    workers = await Promise.all((options.length === 0 ? [{}] : options).map((one) => startWorker(place, one)));
    return workers;
  };
  const hold = async () => {
    const release = await holdItems(place);
    holds.push(release);
    return release;
  };
  const call = async (...options: [Partial<RefreshRequest>?, Partial<DistributionOptions>?]) => {
    const caller = await startCaller(place, ...options);
    callers.push(caller);
    return caller;
  };
  const write = (text: string) => place.database.session((session) => session.run(text));
  const rowCount = async (table: string) => {
    const rows = await place.database.session((session) => session.query(`SELECT FROM ${table}`));
    return rows.length;
  };
  /** What a report says, without times. */
  const shapeOf = ({ components, failedIds, staleIds }: RunReport) => ({
    ...{ failedIds, staleIds },
    components: components.map(({ component, status, note, steps }) => ({
      ...{ component, status, note },
      steps: steps.map(({ step, status: ended, ids, rows, errors }) => ({ step, ended, ids, rows, errors })),
    })),
  });

  const failuresOf = ({ components }: RunReport) =>
    components.map(({ component, status, note, steps }) => ({
      ...{ component, status, note },
      steps: steps.map(({ step, status: ended, errors }) => ({ step, ended, errors })),
    }));

  it('leaves the tables and the report that one process leaves', async () => {
    const [first, second] = await work({}, {});
    const caller = await call();
    expect(shapeOf(await caller.report)).toEqual(shapeOf(singleReport));
    expect(differences(await contentOf(place), single)).toEqual([]);
    expect((first as TestWorker).finished() + (second as TestWorker).finished()).toBe(IDS.length * 10);
    expect([await rowCount('ta_queue.job'), caller.notices]).toEqual([0, []]);
    const again = await call();
    expect((await again.report).components.flatMap(({ steps }) => steps.map(({ status }) => status))).toEqual(
      Array.from({ length: 10 }, () => 'up_to_date'),
    );
  });

  it('gives the item of a worker that died to another, and stores it once', async () => {
    const release = await hold();
    const [dying] = await work({ concurrency: 2 });
    const caller = await call();
    await untilBlocked(place, 2);
    await (dying as TestWorker).kill();
    await caller.findLost(2);
    await work();
    await release();
    expect(shapeOf(await caller.report)).toEqual(shapeOf(singleReport));
    expect(differences(await contentOf(place), single)).toEqual([]);
    expect(caller.notices.filter(({ event }) => event === 'worker_lost')).toHaveLength(2);
  });

  it('a worker that lost its connection goes on by itself', async () => {
    await work();
    const caller = await call({}, LOST_SOON);
    const cut = `SELECT pg_terminate_backend(pid)::text FROM pg_stat_activity
      WHERE datname = current_database() AND application_name LIKE 'ta worker%'`;
    for (let i = 0; i < 5; i++) {
      await place.database.session((session) => session.query(cut));
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    expect(shapeOf(await caller.report)).toEqual(shapeOf(singleReport));
    expect(differences(await contentOf(place), single)).toEqual([]);
    expect((workers[0] as TestWorker).notices.map(({ event }) => event)).toContain('db_connection');
  });

  it('a caller that lost its connections goes on by itself', async () => {
    await work();
    const caller = await call({}, LOST_SOON);
    const cut = `SELECT pg_terminate_backend(pid)::text FROM pg_stat_activity
      WHERE datname = current_database() AND application_name ~ '^(caller|ta run)'`;
    await place.database.session((session) => session.query(cut));
    expect(shapeOf(await caller.report)).toEqual(shapeOf(singleReport));
    expect(differences(await contentOf(place), single)).toEqual([]);
  });

  it('gives an item up that ends every worker', async () => {
    const release = await hold();
    const caller = await call({ ids: [1], components: ['bars'] }, { mostLosses: 2 });
    for (let losses = 1; losses <= 2; losses++) {
      const [dying] = await work();
      await untilBlocked(place, 1);
      await (dying as TestWorker).kill();
      await caller.findLost(losses);
    }
    await work();
    const [bars] = (await caller.report).components;
    await release();
    expect([bars?.status, bars?.steps[0]?.errors]).toEqual([
      'failed',
      [{ id: 1, message: 'given up: 2 worker(s) were lost while they processed it' }],
    ]);
  });

  it.each([false, true])(
    'reports a failing id as one process does (continue on error: %s)',
    async (continueOnError) => {
      const plant = 'ALTER TABLE bar_rows_cal_us ADD CONSTRAINT planted CHECK (id <> 3) NOT VALID';
      await place.database.session((session) => session.run(plant));
      try {
        const here = await runHere(place, { continueOnError });
        await refillPlace(place);
        await work({ concurrency: 1 });
        const there = await (await call({ continueOnError })).report;
        // the worker has begun another id before the caller knows of the failure
        const told = continueOnError ? shapeOf : failuresOf;
        expect(told(there)).toEqual(told(here));
        expect(there.failedIds).toEqual([3]);
      } finally {
        await place.database.session((session) => session.run('ALTER TABLE bar_rows_cal_us DROP CONSTRAINT planted'));
      }
    },
  );

  it('nothing of a vanished caller is written, and the next run does it', async () => {
    const release = await hold();
    await work();
    const caller = await call();
    await untilBlocked(place, 2);
    await caller.vanish();
    await release();
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect([await rowCount('cmc_price_bars_1d'), (workers[0] as TestWorker).finished()]).toEqual([0, 0]);
    expect(shapeOf(await (await call()).report)).toEqual(shapeOf(singleReport));
    expect(differences(await contentOf(place), single)).toEqual([]);
  });

  it('cancelling rolls back what is at work and ends the run', async () => {
    const release = await hold();
    await work();
    const caller = await call();
    await untilBlocked(place, 2);
    expect(await place.database.session(cancelRun)).toMatch(/^run-\d+$/);
    await until(async () => (await place.database.session(readQueueStatus)).run?.isCancelled !== false);
    await release();
    const report = await caller.report;
    expect(report.components.map(({ status, note }) => [status, note])).toEqual([
      ['failed', 'interrupted'],
      ['skipped', 'an earlier component failed'],
    ]);
    expect([await rowCount('cmc_price_bars_1d'), await rowCount('ta_queue.job')]).toEqual([0, 0]);
    expect(await place.database.session(cancelRun)).toBeNull();
  });

  it('a paused queue waits until it is resumed', async () => {
    expect(await place.database.session(pauseQueue)).toBe(true);
    expect(await place.database.session(pauseQueue)).toBe(false);
    const [worker] = await work();
    const caller = await call();
    await until(() => caller.notices.some(({ event }) => event === 'queue_paused'));
    const status = await place.database.session(readQueueStatus);
    expect([status.isPaused, status.items, status.run?.component]).toEqual([
      true,
      { waiting: IDS.length, atWork: 0, answered: 0 },
      'bars',
    ]);
    expect(status.workers).toMatchObject([{ host: 'test', items: [] }]);
    expect((worker as TestWorker).finished()).toBe(0);
    expect(await place.database.session(resumeQueue)).toBe(true);
    expect((await caller.report).failedIds).toEqual([]);
    expect(await place.database.session(resumeQueue)).toBe(false);
  });

  it('a queue that was created in part is none, and the next installation completes it', async () => {
    await write(`SELECT ta_queue.delete_queue('ta-pauses')`);
    try {
      await expect(place.database.session(pauseQueue)).rejects.toMatchObject({ code: 'QUEUE_NOT_INSTALLED' });
    } finally {
      await place.database.session(installQueue);
    }
    expect(await place.database.session(pauseQueue)).toBe(true);
    expect((await place.database.session(readQueueStatus)).isPaused).toBe(true);
  });

  it('a time limit ends a component whose workers do not come', async () => {
    const caller = await call({ timeoutMs: { bars: 300 } });
    const [bars] = (await caller.report).components;
    expect([bars?.status, bars?.isTimedOut, bars?.note]).toEqual(['failed', true, 'Timed out after 0.3s']);
  });

  it('a run that lost its lock for good ends, and takes its items back', async () => {
    const taken = () => Promise.reject(new StoreError('STORE_BUSY', 'Another refresh is running'));
    const { components } = await (await call({ assertExclusive: taken })).report;
    expect(components.map(({ status, steps }) => [status, steps[0]?.errors[0]?.message])).toEqual([
      ['failed', 'Another refresh is running'],
      ['skipped', undefined],
    ]);
    expect(await rowCount('ta_queue.job')).toBe(0);
  });

  it('says that no worker is there', async () => {
    const caller = await call({}, { aloneMs: 300 });
    await until(() => caller.notices.some(({ event }) => event === 'no_workers'));
    await work();
    expect((await caller.report).failedIds).toEqual([]);
  });

  /** The database of a worker, where sessions or transactions are refused while `isRefused` says so. */
  const refusing =
    (what: 'session' | 'transaction', error: StoreError, isRefused: () => boolean) =>
    (database: Database): Database => ({
      ...{ engine: database.engine, target: database.target },
      session: (use) => (what === 'session' && isRefused() ? Promise.reject(error) : database.session(use)),
      transaction: (use, options) =>
        what === 'transaction' && isRefused() ? Promise.reject(error) : database.transaction(use, options),
      close: () => database.close(),
    });
  const eventsOf = ({ notices }: { notices: readonly { event: string }[] }) => notices.map(({ event }) => event);

  it('tells the caller at once that no worker takes its items, and goes on with one that does', async () => {
    // switched off by a row: dropping a trigger of a table that others read may end in a deadlock
    await write(`CREATE TABLE newer AS SELECT 99 AS format`);
    await write(`CREATE FUNCTION newer() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN NEW.data := jsonb_set(NEW.data, '{format}', (SELECT to_jsonb(format) FROM newer)); RETURN NEW; END $$`);
    await write(`CREATE TRIGGER newer BEFORE INSERT ON ta_queue.job FOR EACH ROW WHEN (NEW.name = 'ta-orders')
      EXECUTE FUNCTION newer()`);
    try {
      await place.database.session(pauseQueue);
      await work();
      const caller = await call();
      await until(() => eventsOf(caller).includes('no_workers'));
      await write('UPDATE newer SET format = 1');
      expect(caller.notices.map(({ level, event, text }) => [level, event, text.replace(/\d+/g, 'N')])).toEqual(
        expect.arrayContaining([
          [
            'warning',
            'request_refused',
            'Worker test N runs another version of this program and takes no items of this run',
          ],
          ['error', 'no_workers', expect.stringContaining('None of the N connected worker(s) runs this version')],
        ]),
      );
      expect(eventsOf(workers[0] as TestWorker)).toEqual(['request_refused']);
      await write(`UPDATE ta_queue.job SET data = jsonb_set(data, '{format}', '1') WHERE name = 'ta-orders'`);
      await place.database.session(resumeQueue);
      expect((await caller.report).failedIds).toEqual([]);
    } finally {
      await untilNobodyWorks();
      await write('DROP FUNCTION newer CASCADE; DROP TABLE newer');
    }
  });

  it('rows written by hand are named, and disturb neither the run nor who watches and steers it', async () => {
    const strange = [`'{"format": "x", "runId": 7}'`, `'[]'`, 'NULL', `'{"format": 2}'`, `'"text"'`];
    const items = [...strange, `'{"order": 7}'`, `'{"order": "gone", "id": "one"}'`];
    const insert = async (name: string, rows: readonly string[]) => {
      for (const data of rows) {
        await write(`INSERT INTO ta_queue.job (name, data, priority) VALUES ('${name}', ${data}, 9)`);
      }
    };
    await insert('ta-orders', strange);
    await insert('ta-items', items);
    const status = await place.database.session(readQueueStatus);
    expect([status.strangeRows.length, status.run]).toEqual([strange.length, null]);
    expect(await place.database.session(cancelRun)).toBeNull();
    expect(await place.database.session(pauseQueue)).toBe(true);
    const caller = await call();
    await insert('ta-items', items);
    await work();
    expect(await place.database.session(resumeQueue)).toBe(true);
    expect(shapeOf(await caller.report)).toEqual(shapeOf(singleReport));
    expect(differences(await contentOf(place), single)).toEqual([]);
    const named = caller.notices.filter(({ event }) => event === 'strange_row').map(({ text }) => text);
    for (const jobId of status.strangeRows) expect(named.join('\n')).toContain(jobId);
    // whether the caller saw the queue while it was paused depends on the machine
    const events = new Set([...eventsOf(caller), ...eventsOf(workers[0] as TestWorker)]);
    expect([...events].filter((event) => event !== 'queue_paused')).toEqual(['strange_row']);
    expect(await rowCount('ta_queue.job')).toBe(strange.length);
  });

  it('an answer that is none is a failure of its item, under its own name', async () => {
    await place.database.session(pauseQueue);
    const caller = await call({ ids: [1], components: ['bars'] });
    await until(async () => (await rowCount('ta_queue.job')) === 3);
    await write(`UPDATE ta_queue.job SET state = 'completed', output = '{"outcomes": [7]}' WHERE name = 'ta-items'`);
    const [bars] = (await caller.report).components;
    await place.database.session(resumeQueue);
    expect([bars?.status, bars?.steps[0]?.errors]).toEqual([
      'failed',
      [{ id: 1, message: 'its answer in the queue cannot be read by this version' }],
    ]);
  });

  it('a claim that is lost is told as that', async () => {
    // whoever takes an item for the first time finds it taken by another
    await write(`CREATE FUNCTION steal() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN UPDATE ta_queue.job SET retry_count = 1 WHERE name = NEW.name AND id = NEW.id; RETURN NULL; END $$`);
    await write(`CREATE TRIGGER steal AFTER UPDATE ON ta_queue.job FOR EACH ROW
      WHEN (NEW.name = 'ta-items' AND NEW.state = 'active' AND NEW.retry_count = 0 AND OLD.state = 'created') EXECUTE FUNCTION steal()`);
    try {
      await work();
      const caller = await call({}, LOST_SOON);
      expect(shapeOf(await caller.report)).toEqual(shapeOf(singleReport));
      const events = eventsOf(workers[0] as TestWorker);
      expect(new Set(events)).toEqual(new Set(['claim_lost']));
      expect(caller.notices.find(({ event }) => event === 'worker_lost')?.text).toContain('or lost its claim');
    } finally {
      // who reads the queue meanwhile may hold one of its tables and want another
      await untilNobodyWorks();
      await write('DROP FUNCTION steal CASCADE');
    }
  });

  it('a full server is told to the caller under its own name, and the item is done later', async () => {
    const full = new StoreError('STORE_TOO_MANY_CONNECTIONS', 'sorry, too many clients already');
    let refusals = 1;
    workers = [
      await startWorker(
        place,
        { concurrency: 1 },
        refusing('transaction', full, () => refusals-- > 0),
      ),
    ];
    const caller = await call({}, { pollMs: 5 });
    expect(shapeOf(await caller.report)).toEqual(shapeOf(singleReport));
    expect(eventsOf(workers[0] as TestWorker)).toEqual(['server_full']);
    expect(caller.notices).toEqual([
      {
        level: 'warning',
        event: 'server_full',
        text: expect.stringMatching(/^id 1: ta worker test \d+ had no connection.*too many clients/),
      },
    ]);
  });

  it('an item for which the server was full every time fails under that name', async () => {
    const full = new StoreError('STORE_TOO_MANY_CONNECTIONS', 'sorry, too many clients already');
    let attempts = 0;
    workers = [
      await startWorker(
        place,
        { concurrency: 1 },
        refusing('transaction', full, () => ++attempts % 2 === 1),
      ),
    ];
    const caller = await startCaller(place, { ids: [1], components: ['bars'] }, { mostLosses: 2 });
    const [bars] = (await caller.report).components;
    expect(bars?.steps[0]?.errors[0]?.message).toMatch(/^given up: the server had no free connection for it 2 time/);
  });

  it('what no waiting can mend ends a worker', async () => {
    const [worker] = await work();
    await write('ALTER TABLE ta_queue.job RENAME TO hidden');
    try {
      await expect((worker as TestWorker).ended).rejects.toMatchObject({ code: 'STORE_SCHEMA_MISSING' });
      expect(eventsOf(worker as TestWorker)).toEqual([]);
    } finally {
      await write('ALTER TABLE ta_queue.hidden RENAME TO job');
      workers = [];
    }
  });

  it('a failure while an item is at work ends a worker after that item', async () => {
    const unhandled: unknown[] = [];
    const onUnhandled = (reason: unknown) => unhandled.push(reason);
    process.on('unhandledRejection', onUnhandled);
    const slow = new StoreError('STORE_TIMEOUT', 'canceling statement due to statement timeout');
    let state: 'calm' | 'armed' | 'failed' = 'calm';
    try {
      const release = await hold();
      // the item at work has a transaction: a session is another look at the board
      const refuseOnce = () => {
        const isRefused = state === 'armed';
        if (isRefused) state = 'failed';
        return isRefused;
      };
      const worker = await startWorker(place, { concurrency: 1 }, refusing('session', slow, refuseOnce));
      const caller = await call();
      await untilBlocked(place, 1);
      state = 'armed';
      await until(() => state === 'failed');
      await release();
      await expect(worker.ended).rejects.toBe(slow);
      expect([unhandled, worker.finished() > 0, worker.notices]).toEqual([[], true, []]);
      await work();
      expect(shapeOf(await caller.report)).toEqual(shapeOf(singleReport));
      expect([differences(await contentOf(place), single), caller.notices]).toEqual([[], []]);
    } finally {
      process.off('unhandledRejection', onUnhandled);
    }
  });

  it('what lies in the queue names neither the server nor a password', async () => {
    await place.database.session(pauseQueue);
    const caller = await call();
    await until(async () => (await rowCount('ta_queue.job')) === IDS.length + 2);
    const rows = await place.database.session((session) =>
      session.query<{ text: string }>('SELECT job::text AS text FROM ta_queue.job'),
    );
    const { username, password, host } = new URL((place.target as { url: string }).url);
    for (const secret of [password, host, `${username}:`])
      expect(rows.filter(({ text }) => text.includes(secret))).toEqual([]);
    await place.database.session(resumeQueue);
    await work();
    await caller.report;
  });
});
