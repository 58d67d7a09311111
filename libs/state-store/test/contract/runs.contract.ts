import { expect, it } from 'vitest';
import type { Database } from '../../src/connect/database.ts';
import {
  finishRun,
  listRuns,
  markCrashedRuns,
  readLatestRun,
  readRun,
  recordItems,
  showRun,
  startRun,
} from '../../src/ops/runs.ts';
import { storeErrorOf } from './store-error.ts';

const at = (minute: number) => new Date(Date.UTC(2024, 0, 1, 6, minute));

/** The record of what ran, and how it ended. */
export function runsContract(database: () => Database): void {
  const start = (runId: string, minute: number) =>
    database().session((s) =>
      startRun(s, { runId, command: 'refresh', args: { ids: 'all' }, host: 'h', pid: 7, startedAt: at(minute) }),
    );

  it('a run is recorded from start to end with its items', async () => {
    await start('run-a', 1);
    const item = { component: 'bars', step: '1d', id: 1, status: 'running' as const, startedAt: at(2) };
    await database().session((s) => recordItems(s, 'run-a', [item, { ...item, id: 2, startedAt: at(3) }]));
    await database().session((s) =>
      recordItems(s, 'run-a', [
        { ...item, status: 'ok', finishedAt: at(4), rowsRead: 3, rowsWritten: 2, rowsDeleted: 1 },
        {
          ...item,
          step: 'multi_tf',
          status: 'failed',
          error: 'STORE_CONSTRAINT 23505: duplicate key',
          startedAt: at(5),
        },
      ]),
    );
    await database().session((s) => recordItems(s, 'run-a', []));
    const end = { status: 'failed' as const, finishedAt: at(6), exitCode: 1, metrics: { rows: 5 } };
    await database().session((s) => finishRun(s, 'run-a', end));

    const shown = await database().session((s) => showRun(s, 'run-a'));
    expect(shown?.run).toStrictEqual({
      ...{ runId: 'run-a', command: 'refresh', args: { ids: 'all' }, host: 'h', pid: 7, startedAt: at(1), ...end },
    });
    const items = shown?.items.map((row) => [row.step, row.id, row.status, row.rowsRead, row.rowsDeleted, row.error]);
    expect(items).toStrictEqual([
      ['1d', 1, 'ok', 3, 1, null],
      ['1d', 2, 'running', 0, 0, null],
      ['multi_tf', 1, 'failed', 0, 0, 'STORE_CONSTRAINT 23505: duplicate key'],
    ]);
    expect(await database().session((s) => showRun(s, 'no such run'))).toBeNull();
  });

  it('runs that never ended are marked as crashed, except the one that asks and those known to live', async () => {
    await start('run-dead', 10);
    await start('run-alive', 11);
    await start('run-self', 12);
    const review = {
      exceptRunId: 'run-self',
      now: at(20),
      isAlive: ({ runId }: { runId: string }) => runId === 'run-alive',
    };
    const crashed = await database().session((s) => markCrashedRuns(s, review));
    expect(crashed.map(({ runId }) => runId)).toStrictEqual(['run-dead']);
    const newest = await database().session((s) => listRuns(s, 3));
    expect(newest.map(({ runId, status }) => [runId, status])).toStrictEqual([
      ['run-self', 'running'],
      ['run-alive', 'running'],
      ['run-dead', 'crashed'],
    ]);
    expect(newest[2].finishedAt).toStrictEqual(at(20));
    expect(
      (await database().session((s) => markCrashedRuns(s, { now: at(21) }))).map(({ runId }) => runId),
    ).toStrictEqual(['run-alive', 'run-self']);
  });

  it('the newest run of a kind is found behind any number of others', async () => {
    await start('run-failed', 30);
    await database().session((s) => finishRun(s, 'run-failed', { status: 'failed', finishedAt: at(31), exitCode: 1 }));
    await database().session((s) =>
      s.run(`INSERT INTO ops_runs (run_id, command, status, started_at)
        SELECT 'other-' || n, 'import', CASE WHEN n % 2 = 0 THEN 'ok' ELSE 'failed' END, timestamptz '2024-01-01 07:00Z' + n * interval '1 second'
        FROM generate_series(1, 1500) n`),
    );
    const find = (which?: Parameters<typeof readLatestRun>[1]) => database().session((s) => readLatestRun(s, which));
    expect((await find())?.runId).toBe('other-1500');
    expect((await find({ statuses: ['failed', 'crashed'] }))?.runId).toBe('other-1499');
    expect((await find({ statuses: ['failed'], commands: ['refresh'] }))?.runId).toBe('run-failed');
    expect(await find({ statuses: ['interrupted'], commands: ['bars'] })).toBeNull();
    expect((await database().session((s) => readRun(s, 'run-failed')))?.status).toBe('failed');
    expect(await database().session((s) => readRun(s, 'no such run'))).toBeNull();
    await database().session((s) => s.run(`DELETE FROM ops_runs WHERE run_id LIKE 'other-%' OR run_id = 'run-failed'`));
  });

  it('a status that is none, and an item of no run, are refused', async () => {
    const bad = () => database().session((s) => s.run(`UPDATE ops_runs SET status = 'done'`));
    expect((await storeErrorOf(bad)).code).toBe('STORE_CONSTRAINT');
    const item = { component: 'bars', step: '1d', id: 1, status: 'ok' as const };
    const orphan = () => database().session((s) => recordItems(s, 'no such run', [item]));
    expect((await storeErrorOf(orphan)).code).toBe('STORE_CONSTRAINT');
  });
}
