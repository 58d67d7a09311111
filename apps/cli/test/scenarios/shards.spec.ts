import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { differingTables, digestContent, readContentColumns } from '../../../../libs/pipeline/test/content-digest.ts';
import { fakeTelegram } from '../kit/fake-telegram.ts';
import { runInside } from '../kit/run-inside.ts';
import { taProcess } from '../kit/ta.ts';
import { AS_OF_MS, createWorld, hasPostgres, type World } from '../kit/world.ts';
import { holdTable, waitUntilBlocked } from '../resilience/rig/hold-table.ts';

describe.skipIf(!hasPostgres())('sharding over several processes', () => {
  const ids = [1, 2, 52, 825, 1027];
  let sharded: World;
  let single: World;
  beforeAll(async () => {
    const options = { ids, days: 40, gaps: { everyDays: 15, lengthDays: 2 }, badRows: { everyDays: 17 } };
    [sharded, single] = [await createWorld(options), await createWorld(options)];
  });
  afterAll(async () => {
    await sharded?.drop();
    await single?.drop();
  });

  const inside = (line: string, env = {}, nowMs = AS_OF_MS) =>
    runInside(line.split(' '), { root: sharded.root, env: { ...sharded.env, ...env }, nowMs });
  const digest = (world: World) =>
    world.use(async (session) => digestContent(session, await readContentColumns(session), world.ids));

  it('three shards at the same time leave the same tables as one run', async () => {
    // all three are at work before the first can go on; what is held is read by those only that have work
    const table = await holdTable(sharded.url, 'cmc_price_bars_multi_tf');
    const runs = [0, 1, 2].map((shard) => taProcess(sharded, `refresh --all --concurrency 1 --shard ${shard}/3`));
    await waitUntilBlocked(sharded.url, 3);
    await table.end();
    const ended = await Promise.all(runs);
    expect(ended.map(({ code, stderr }) => [code, /\[INFO\] Shard .*/.exec(stderr)?.[0]])).toEqual([
      [0, '[INFO] Shard 0/3: 1 of 5 id(s)'],
      [0, '[INFO] Shard 1/3: 3 of 5 id(s)'],
      [0, '[INFO] Shard 2/3: 1 of 5 id(s)'],
    ]);
    expect((await taProcess(single, 'refresh --all')).code).toBe(0);
    const [left, right] = [await digest(sharded), await digest(single)];
    for (const id of ids) expect(differingTables(left.get(id) as never, right.get(id) as never)).toEqual([]);
    const runsSeen = await sharded.sql(`SELECT status, args ->> 'shard' AS shard FROM ops_runs ORDER BY 2`);
    expect(runsSeen).toEqual(['0/3', '1/3', '2/3'].map((shard) => ({ status: 'ok', shard })));
  });

  it('a shard at work keeps a run of all ids away, and a shard of another split, with exit code 3', async () => {
    await sharded.sql(`DELETE FROM cmc_price_bars_1d_state WHERE id = 1`);
    const table = await holdTable(sharded.url, 'cmc_price_bars_multi_tf');
    const shard = taProcess(sharded, 'refresh --all --shard 1/2');
    await waitUntilBlocked(sharded.url, 1);
    for (const line of ['refresh --all', 'bars --shard 0/3', 'emas --shard 1/2', 'state reset --bars --ids 2']) {
      const refused = await inside(line);
      expect([refused.code, refused.stderr], line).toEqual([3, expect.stringContaining('Another refresh is running')]);
    }
    await sharded.sql(`UPDATE ops_runs SET status = 'failed' WHERE args ->> 'shard' LIKE '%/3'`);
    const telegram = await fakeTelegram();
    const beside = await inside('refresh --all --shard 0/2', { ...telegram.env, TELEGRAM_MIN_SEVERITY: 'INFO' });
    await telegram.close();
    expect(beside.code, beside.stderr).toBe(0);
    expect(beside.stderr).not.toContain('never ended');
    // neither the shard at work nor others that failed came before it
    expect(telegram.received.map(({ text }) => text.split('\n')[0])).toEqual([
      expect.stringMatching(/Refresh finished<\/b>$/),
    ]);
    await table.end();
    expect((await shard).code).toBe(0);
  });

  it('a shard resumes a run of its own, and a resumed shard is that shard again', async () => {
    await sharded.sql('DELETE FROM ops_runs');
    const telegram = await fakeTelegram();
    const run = async (line: string, second: number) => {
      const ended = await inside(line, { ...telegram.env, TELEGRAM_MIN_SEVERITY: 'INFO' }, AS_OF_MS + second * 1000);
      expect([line, ended.code, ended.stderr]).toEqual([line, 0, expect.anything()]);
      return [ended.stderr, telegram.received.at(-1)?.text.split('\n')[0]];
    };
    await run('refresh --all --shard 1/2', 1);
    await run('refresh --all --shard 0/2', 2);
    await sharded.sql(`UPDATE ops_runs SET status = 'failed'`);
    const again = expect.stringMatching(/Refresh finished again after a failure<\/b>$/);
    expect(await run('refresh --all --shard 1/2 --resume', 3)).toEqual([
      expect.stringContaining('[INFO] Shard 1/2: 3 of 3 id(s)'),
      again,
    ]);
    expect(await run('refresh --all --resume', 4)).toEqual([expect.stringContaining('[INFO] Resuming run'), again]);
    await telegram.close();
    expect(await sharded.sql(`SELECT status, args ->> 'shard' AS shard FROM ops_runs ORDER BY started_at`)).toEqual([
      ...['1/2', '0/2'].map((shard) => ({ status: 'failed', shard })),
      ...['1/2', '0/2'].map((shard) => ({ status: 'ok', shard })),
    ]);
    const none = await inside('refresh --all --shard 2/3 --resume');
    expect([none.code, none.stderr]).toEqual([2, expect.stringContaining('no failed run to resume')]);
  });

  it('a shard without ids has nothing to do', async () => {
    const ended = await inside('refresh --all --ids 1,825 --shard 0/2');
    expect([ended.code, ended.stderr]).toEqual([0, expect.stringContaining('[INFO] Shard 0/2: 0 of 2 id(s)')]);
    expect(ended.stdout).toContain('[OK] All components completed successfully!');
  });

  it('a dry run names the shard in its commands', async () => {
    const ended = await inside('bars --shard 1/3 --dry-run');
    expect(ended.stdout).toContain('[DRY RUN] 1d: ta bars --builders 1d --ids all --shard 1/3');
    expect(ended.stdout).toContain('IDs: all (3 id(s))');
  });

  it.each(['refresh --all --shard 0/2', 'bars --shard 0/2 --dry-run'])('PGlite refuses ta %s', async (line) => {
    const ended = await runInside(line.split(' '), { root: single.root, env: {}, nowMs: AS_OF_MS });
    expect([ended.code, ended.stderr]).toEqual([2, expect.stringContaining('--shard needs a PostgreSQL server')]);
  });
});
