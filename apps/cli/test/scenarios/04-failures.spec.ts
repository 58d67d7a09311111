import { acquireRunLock } from '@ta/state-store';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { differingTables, digestContent, readContentColumns } from '../../../../libs/pipeline/test/content-digest.ts';
import { insertTrigger } from '../../../../libs/pipeline/test/ema-edits.ts';
import { changedTables, hashTables, RECORDS } from '../kit/hash.ts';
import { runInside } from '../kit/run-inside.ts';
import { logText, ta } from '../kit/ta.ts';
import { AS_OF, AS_OF_MS, copyWorld, createWorld, hasPostgres, type World } from '../kit/world.ts';

/** Makes every write of an id into a table fail, as a defect or a malformed row would. */
async function breakTable(world: World, table: string, id: number): Promise<void> {
  const refusal = {
    ...{ name: `refuse_${id}`, when: `NEW.id = ${id}` },
    action: `RAISE EXCEPTION 'malformed row of id ${id}'`,
  };
  for (const statement of insertTrigger(table, refusal)) await world.sql(statement);
}

async function mend(world: World, id: number): Promise<void> {
  await world.use((session) => session.run(`DROP FUNCTION refuse_${id} CASCADE`));
}

describe.skipIf(!hasPostgres())('failures and recovery (scenarios 4, 7 and 8)', () => {
  let fresh: World;
  let world: World;
  let bad: number;
  let good: number;
  beforeAll(async () => void (fresh = await createWorld({ days: 40 })));
  beforeEach(async () => {
    world = await copyWorld(fresh);
    [bad, good] = world.ids as [number, number];
  });
  afterEach(() => world?.drop());
  afterAll(() => fresh?.drop());

  const countOf = async (table: string, id: number) => {
    const [row] = await world.sql<{ n: number }>(`SELECT count(*) AS n FROM ${table} WHERE id = ${id}`);
    return row?.n ?? 0;
  };

  const inside = (line: string) =>
    runInside([...line.split(' '), '--as-of', AS_OF], { root: world.root, env: world.env, nowMs: AS_OF_MS });
  /** Nothing of a failure is left: a build from nothing makes the same tables. */
  const expectUndisturbed = async () => {
    const digest = () =>
      world.use(async (session) => digestContent(session, await readContentColumns(session), world.ids));
    const before = await digest();
    expect((await inside('refresh --all --full-rebuild')).code).toBe(0);
    const after = await digest();
    for (const id of world.ids) expect(differingTables(before.get(id) as never, after.get(id) as never)).toEqual([]);
  };

  it('a failed builder stops the run: later builders and EMAs do not run, and the summary is printed', async () => {
    await breakTable(world, 'cmc_price_bars_multi_tf_cal_us', bad);
    const ended = await ta(world, 'refresh --all --concurrency 1');
    expect(ended.code).toBe(1);
    expect(ended.stdout).toContain('[STOPPED] Bar builders failed; EMAs not run (use --continue-on-error to continue)');
    expect(ended.stdout).toMatch(/\[FAILED\] Failed components:\n {2}- bars: \d+\.\ds \(1 of 2 IDs failed: \[\d+\]\)/);
    expect(ended.stdout).toContain('[SKIPPED] Skipped components:\n  - emas (an earlier component failed)');
    expect(ended.stdout.trimEnd()).toMatch(/\[WARNING\] 1 component\(s\) failed!$/);
    expect(await countOf('cmc_price_bars_multi_tf_cal_anchor_iso', bad)).toBe(0);
    expect(await countOf('cmc_ema_multi_tf_u', bad)).toBe(0);
    expect(await countOf('cmc_price_bars_1d', good)).toBe(0);
  });

  it('the log names the id that failed, and its last fifty lines the component', async () => {
    await breakTable(world, 'cmc_price_bars_multi_tf_cal_us', bad);
    await ta(world, 'refresh --all');
    const lines = logText(world).trimEnd().split('\n');
    const found = lines.filter((line) => /ERROR|FAILED/.test(line));
    expect(found.some((line) => line.includes(`"id":${bad}`) && line.includes('FAILED'))).toBe(true);
    expect(lines.slice(-50).some((line) => line.includes('bars FAILED'))).toBe(true);
  });

  it('with --continue-on-error the other ids and all steps run, and the exit code is still non-zero', async () => {
    await breakTable(world, 'cmc_price_bars_multi_tf_cal_us', bad);
    const ended = await ta(world, 'refresh --all --continue-on-error');
    expect(ended.code).toBe(1);
    expect(ended.stdout).toContain(`[WARNING] Bars stale for IDs: [${bad}]`);
    expect(ended.stdout).toContain('bars_failed');
    expect(await countOf('cmc_price_bars_multi_tf_cal_anchor_us', bad)).toBeGreaterThan(0);
    expect(await countOf('cmc_ema_multi_tf_u', good)).toBeGreaterThan(0);
    expect(await countOf('cmc_ema_multi_tf_u', bad)).toBe(0);
  });

  it('once the source is right again, refreshing the one id changes its rows only', async () => {
    await breakTable(world, 'cmc_price_bars_multi_tf_cal_us', bad);
    await ta(world, 'refresh --all --continue-on-error');
    await mend(world, bad);
    const rowsOfGood = (name: string) =>
      `SELECT md5(string_agg(t::text, '' ORDER BY t::text)) AS hash FROM ${name} t WHERE id = ${good}`;
    const before = [await world.sql(rowsOfGood('cmc_price_bars_multi_tf_u')), await world.sql(rowsOfGood('ema_rows'))];
    const ended = await ta(world, `refresh --all --ids ${bad} --verbose`);
    expect(ended.code, ended.stderr).toBe(0);
    expect(await countOf('cmc_price_bars_multi_tf_cal_us', bad)).toBeGreaterThan(0);
    const after = [await world.sql(rowsOfGood('cmc_price_bars_multi_tf_u')), await world.sql(rowsOfGood('ema_rows'))];
    expect(after).toEqual(before);
  });

  it('after EMAs failed, ta refresh --emas runs them alone, and --resume what is left', async () => {
    await breakTable(world, 'cmc_ema_multi_tf_cal_iso', bad);
    const failed = await ta(world, 'refresh --all --continue-on-error');
    expect(failed.code).toBe(1);
    expect(failed.stdout).toContain('[FAILED] Failed components:\n  - emas');
    await mend(world, bad);
    const bars = await world.use((session) => hashTables(session, [...RECORDS, '%ema%']));
    const resumed = await ta(world, 'refresh --resume --json');
    expect(resumed.code, resumed.stderr).toBe(0);
    const { components } = JSON.parse(resumed.stdout) as {
      components: { name: string; steps: { ids: { ok: number } }[] }[];
    };
    const worked = components.map(({ name, steps }) => [name, Math.max(...steps.map(({ ids }) => ids.ok))]);
    expect(worked).toEqual([
      ['bars', 0],
      ['emas', 1],
    ]);
    const again = await ta(world, 'refresh --emas --ids all');
    expect(again.stdout).toContain('Total components: 1');
    expect(changedTables(bars, await world.use((session) => hashTables(session, [...RECORDS, '%ema%'])))).toEqual([]);
    expect(await world.sql('SELECT id FROM cmc_ema_multi_tf_cal_iso GROUP BY id ORDER BY id')).toEqual(
      world.ids.map((id) => ({ id })),
    );
    await expectUndisturbed();
  });

  it.each(['--skip-stale-check', `--as-of ${AS_OF}`, '--staleness-hours 100000'])(
    'a resumed run judges the age of bars as the run did that it resumes: %s',
    async (rule) => {
      const laterMs = AS_OF_MS + 400 * 86_400_000;
      const later = (line: string) => runInside(line.split(' '), { root: world.root, env: world.env, nowMs: laterMs });
      await breakTable(world, 'cmc_ema_multi_tf_cal_iso', bad);
      expect((await later(`refresh --all --continue-on-error ${rule}`)).code).toBe(1);
      await mend(world, bad);
      const resumed = await later('refresh --resume');
      expect([resumed.code, resumed.stdout]).toEqual([0, expect.not.stringContaining('Bars stale')]);
      expect(await countOf('cmc_ema_multi_tf_cal_iso', bad)).toBeGreaterThan(0);
      expect(resumed.stdout).toContain('Continue on error: true');
    },
  );

  it('after a run was killed, --resume finds it at once, and never one that is at work', async () => {
    await breakTable(world, 'cmc_ema_multi_tf_cal_iso', bad);
    expect((await inside('refresh --all --continue-on-error')).code).toBe(1);
    await mend(world, bad);
    // what kill -9 leaves: a run that nobody could end
    await world.sql(`UPDATE ops_runs SET status = 'running', finished_at = NULL, exit_code = NULL`);
    const [killed] = await world.sql<{ run_id: string }>('SELECT run_id FROM ops_runs');
    const runId = String(killed?.run_id);
    const target = { engine: 'postgres', url: world.url, source: 'test' } as const;
    const lock = await acquireRunLock(target, { runId, command: 'refresh', waitMs: 0, nowMs: AS_OF_MS });
    const atWork = await inside('refresh --resume --dry-run');
    await lock.release();
    expect([atWork.code, atWork.stderr]).toEqual([2, expect.stringContaining('There is no failed run to resume')]);
    const resumed = await inside('refresh --resume');
    expect([resumed.code, resumed.stderr]).toEqual([0, expect.stringContaining(`Resuming run ${runId} (crashed`)]);
    expect(await countOf('cmc_ema_multi_tf_cal_iso', bad)).toBeGreaterThan(0);
    await expectUndisturbed();
  });

  it('after bars failed, ta refresh --bars runs them alone, and the next run the EMAs', async () => {
    await breakTable(world, 'cmc_price_bars_multi_tf_cal_us', bad);
    expect((await inside('refresh --all')).code).toBe(1);
    await mend(world, bad);
    const bars = await inside('refresh --bars --ids all');
    expect([bars.code, bars.stdout]).toEqual([0, expect.stringContaining('Total components: 1')]);
    expect(await countOf('cmc_ema_multi_tf_u', good)).toBe(0);
    expect((await inside('refresh --emas --ids all')).code).toBe(0);
    await expectUndisturbed();
  });
});
