import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { changedTables, hashTables } from '../kit/hash.ts';
import { ta } from '../kit/ta.ts';
import { createWorld, hasPostgres, type World } from '../kit/world.ts';
import { runCli } from '../resilience/rig/cli-process.ts';

/** One hash of every file below a folder, names included. */
function hashFolder(folder: string): string {
  const hash = createHash('md5');
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name));
  for (const name of files.sort()) hash.update(name).update(readFileSync(name));
  return hash.digest('hex');
}

interface DryRunDocument {
  readonly components: readonly { readonly component: string; readonly steps: readonly object[] }[];
  readonly assets: readonly { readonly id: number; readonly steps: readonly object[] }[];
}

describe('dry run (scenario 15)', () => {
  const worlds: World[] = [];
  afterAll(() => Promise.all(worlds.map((world) => world.drop())));

  it.skipIf(!hasPostgres())(
    'changes no row, no lock and no file on PostgreSQL, and counts what would be done',
    async () => {
      const world = await createWorld({ days: 30 });
      worlds.push(world);
      await ta(world, 'refresh --all');
      const [first, second] = world.ids as [number, number];
      await world.sql(
        `UPDATE cmc_price_histories7 SET close = open WHERE id = ${first} AND "timestamp"::date = '2024-06-10'`,
      );
      await world.sql(`DELETE FROM cmc_price_bars_1d_state WHERE id = ${second}`);
      const before = await world.use((session) => hashTables(session));
      const files = hashFolder(world.root);
      const ended = await ta(world, 'refresh --all --dry-run');
      expect(ended.code, ended.stderr).toBe(0);
      expect(changedTables(before, await world.use((session) => hashTables(session)))).toEqual([]);
      expect(hashFolder(world.root)).toBe(files);
      const lines = ended.stdout.trimEnd().split('\n');
      const steps = lines
        .filter((line) => line.startsWith('[DRY RUN] '))
        .map((line) => /^\[DRY RUN\] (\w+):/.exec(line)?.[1]);
      expect(steps.filter((step) => step !== undefined)).toEqual([
        ...[
          '1d',
          'multi_tf',
          'cal_iso',
          'cal_us',
          'cal_anchor_iso',
          'cal_anchor_us',
          'multi_tf',
          'cal',
          'cal_anchor',
          'v2',
        ],
      ]);
      expect(
        lines.filter((line) => line === '  ids: 2 (full: 1, incremental: 0, backfill: 1, up-to-date: 0)'),
      ).toHaveLength(10);
      expect(lines).toContain(`IDs: all (2 id(s))`);
      expect(lines.at(-1)).toBe('[DRY RUN] Would have executed 2 component(s)');
      expect(ended.stdout + ended.stderr).not.toContain(new URL(world.url).password || 'no password');
    },
  );

  it.skipIf(!hasPostgres())(
    'says what the run then does where a state is not that of the rows, or bars are newer',
    async () => {
      const world = await createWorld({ assets: 1, days: 30 });
      worlds.push(world);
      await ta(world, 'refresh --all');
      const counts = async (line: string) => {
        const { stdout } = await ta(world, `${line} --dry-run`);
        return [...stdout.matchAll(/full: (\d), incremental: (\d), backfill: (\d), up-to-date: (\d)/g)].map((found) =>
          found.slice(1).join(''),
        );
      };
      const written = async (line: string) => {
        const { stdout } = await ta(world, `${line} --json`);
        return (JSON.parse(stdout) as { counts: { emasWritten: number } }).counts.emasWritten;
      };
      await ta(world, 'bars --builders cal_us --full-rebuild');
      expect(await counts('emas --only cal,v2')).toEqual(['1000', '0001']);
      expect(await written('emas --only cal,v2')).toBeGreaterThan(0);
      expect(await counts('emas --only cal,v2')).toEqual(['0001', '0001']);

      await world.sql(
        'DELETE FROM cmc_price_bars_1d WHERE "timestamp" = (SELECT max("timestamp") FROM cmc_price_bars_1d)',
      );
      expect(await counts('refresh --all')).toEqual(Array.from({ length: 10 }, () => '1000'));
      const { stdout } = await ta(world, 'bars --builders cal_us --dry-run');
      expect(stdout).toContain('ids: 1 (full: 0, incremental: 0, backfill: 0, up-to-date: 0, blocked: 1)');
      expect((await ta(world, 'bars --builders cal_us')).code).toBe(1);
      expect(await written('refresh --all')).toBeGreaterThan(0);
      expect(await counts('refresh --all')).toEqual(Array.from({ length: 10 }, () => '0001'));
    },
  );

  it.skipIf(!hasPostgres())('previews stale ids', async () => {
    const world = await createWorld({ assets: 1, days: 30 });
    worlds.push(world);
    await ta(world, 'refresh --bars');
    const ended = await ta(world, 'refresh --emas --dry-run --as-of 2024-07-05');
    expect(ended.stdout).toContain(`[WARNING] Bars stale for IDs: [${world.ids[0]}]`);
    expect(ended.code).toBe(0);
  });

  it.skipIf(!hasPostgres())('prints the plan as one JSON document', async () => {
    const world = await createWorld({ assets: 2, days: 30 });
    worlds.push(world);
    await ta(world, 'refresh --all');
    const [first, second] = world.ids as [number, number];
    await world.sql(`UPDATE cmc_ema_state SET last_ts = last_ts - interval '1 day', daily_max_seen = daily_max_seen - interval '1 day'
      WHERE id = ${second} AND alignment_source = 'multi_tf' AND tf = '7D'`);
    await world.sql(`DELETE FROM cmc_price_histories7 WHERE id = ${first} AND "timestamp"::date = '2024-06-28'`);
    const { code, stdout, stderr } = await ta(world, 'refresh --all --dry-run --json --skip-stale-check');
    expect(code, stderr).toBe(0);
    expect(stderr).toContain('[DRY RUN] 1d: ta bars --builders 1d --ids all');
    const plan = JSON.parse(stdout) as DryRunDocument;
    expect(plan).toMatchObject({ schema: 1, dryRun: true, ids: [first, second], staleIds: null, validation: [] });
    expect(plan.components.map(({ component, steps }) => [component, steps.length])).toEqual([
      ['bars', 6],
      ['emas', 4],
    ]);
    expect(plan.components[1]?.steps[0]).toMatchObject({
      ...{ step: 'multi_tf', ids: { full: 1, incremental: 0, backfill: 1, upToDate: 0, blocked: 0 } },
    });
    const [one, other] = plan.assets;
    expect(one?.steps[0]).toEqual({
      ...{ component: 'bars', step: '1d', table: '1d', timeframe: '1D', action: 'rewind', reason: 'history_changed' },
      ...{ from: '2024-06-28T23:59:59.999Z', rows: { written: 0, deleted: 1 } },
    });
    expect(other).toEqual({
      id: second,
      steps: [
        {
          ...{ component: 'emas', step: 'multi_tf', table: 'multi_tf', timeframe: '7D' },
          ...{ action: 'rebuild', reason: 'edited_state' },
        },
      ],
    });
    const ended = await ta(world, 'refresh --all --skip-stale-check');
    expect([ended.code, ended.stderr]).toEqual([0, expect.not.stringContaining('duplicate key')]);
    expect((await ta(world, 'state verify --exit-code')).code).toBe(0);
  });

  it('changes no file of an embedded database', async () => {
    const world = await createWorld({ engine: 'pglite', assets: 1, days: 20 });
    worlds.push(world);
    const files = hashFolder(world.root);
    const ended = await ta(world, 'refresh --all --dry-run');
    expect(ended.code, ended.stderr).toBe(0);
    expect(ended.stdout).toContain('ids: 1 (full: 1, incremental: 0, backfill: 0, up-to-date: 0)');
    expect(hashFolder(world.root)).toBe(files);
  });

  it('makes no database where there is none, and plans without counts where it cannot ask', async () => {
    const dir = path.join(worlds.at(-1)?.root ?? '/nowhere', 'absent');
    const empty = await runCli(['refresh', '--all', '--dry-run'], { DB_DIR: dir });
    expect(empty.code).toBe(0);
    expect(empty.stderr).toContain('[WARNING] The database is empty');
    expect(existsSync(dir)).toBe(false);
    const away = await runCli(['refresh', '--all', '--dry-run'], {
      DATABASE_URL: 'postgresql://ta:geheim@127.0.0.1:1/db',
    });
    expect(away.code).toBe(0);
    expect(away.stderr).toContain('plan without counts');
    expect(away.stdout).toContain('[DRY RUN] Would have executed 2 component(s)');
    expect(away.stdout + away.stderr).not.toContain('geheim');
  });
});
