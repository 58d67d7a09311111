import { loadSettings } from '@ta/pipeline';
import { readTableSizes } from '@ta/state-store';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { estimateFirstBuilds } from '../src/report/build-size.ts';
import { runInside } from './kit/run-inside.ts';
import { AS_OF, createWorld, hasPostgres, type World } from './kit/world.ts';

describe.each(['pglite', 'postgres'] as const)('the disk, on %s', (engine) => {
  describe.skipIf(engine === 'postgres' && !hasPostgres())('of a database', () => {
    let world: World;
    beforeAll(async () => {
      world = await createWorld({ engine, assets: 2, days: 250, periods: [1, 5, 21], isKeptOpen: true });
    });
    afterAll(() => world.drop());
    const ta = (...argv: string[]) => runInside(argv, { root: world.root, env: world.env });
    const bytes = () =>
      world.use(async (session) => (await readTableSizes(session)).reduce((sum, table) => sum + table.bytes, 0));

    it('is told before the first build, within a quarter of what the build takes, and not again', async () => {
      const empty = await bytes();
      const estimates = await world.use(async (session) => {
        const settings = await loadSettings(session, { runId: 'x', zone: 'UTC' });
        return estimateFirstBuilds(session, settings, [...world.ids, 999]);
      });
      expect(estimates.map(({ id }) => id).sort((a, b) => a - b)).toEqual(world.ids);
      const first = await ta('refresh', '--all', '--as-of', AS_OF);
      expect(first.code, first.stderr).toBe(0);
      expect(first.stderr).toMatch(
        /\[INFO\] First build of 2 assets, bars and EMAs: about [0-9.]+ MB on the disk \(\d+: /,
      );
      const [told, taken] = [estimates.reduce((sum, estimate) => sum + estimate.bytes, 0), (await bytes()) - empty];
      expect(told / taken).toBeGreaterThan(0.75);
      expect(told / taken).toBeLessThan(1.25);
      expect((await ta('refresh', '--all', '--as-of', AS_OF)).stderr).not.toContain('First build');
    });

    it('is listed by table', async () => {
      const { stdout } = await ta('db', 'status');
      const log = engine === 'pglite' ? '; write-ahead log \\d+ MB' : '';
      expect(stdout).toMatch(new RegExp(`^Size: tables with indexes [0-9.]+ MB${log}$`, 'm'));
      expect(stdout).toMatch(/^ +[0-9.]+ MB {2}ema_rows$/m);
      expect(stdout).toMatch(/^ +\d+ kB {2}\d+ tables of less than 100 kB each$/m);
    });

    // a server's autovacuum comes when it comes
    it.skipIf(engine === 'postgres')('does not grow by building the same again and again', async () => {
      const sizes: number[] = [];
      for (let round = 0; round < 3; round++) {
        expect(await ta('refresh', '--all', '--as-of', AS_OF, '--full-rebuild')).toMatchObject({ code: 0 });
        sizes.push(await bytes());
      }
      expect((sizes[2] as number) / (sizes[0] as number)).toBeLessThan(1.1);
    });
  });
});
