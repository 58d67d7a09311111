import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { runInside } from './kit/run-inside.ts';
import { AS_OF, createWorld, FEW_TIMEFRAMES, hasPostgres, type World } from './kit/world.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

describe.each(['pglite', 'postgres'] as const)('on %s', (engine) => {
  describe.skipIf(engine === 'postgres' && !hasPostgres())('assets of which nobody has prices', () => {
    let world: World;
    beforeAll(async () => {
      world = await createWorld({ engine, days: 20, timeframes: FEW_TIMEFRAMES, isKeptOpen: true });
    });
    afterAll(() => world.drop());

    const logLines = async () => {
      const files = await readdir(world.logDir);
      const texts = await Promise.all(files.map((file) => readFile(path.join(world.logDir, file), 'utf8')));
      return texts.join('').split('\n').length;
    };
    const add = (from: number, until: number) =>
      world.sql(
        `INSERT INTO dim_assets (id, name) SELECT n, 'empty ' || n FROM generate_series(${from}, ${until}) AS n`,
      );
    /** Refreshes, and counts the statements that are sent. */
    const refresh = async () => {
      let sent = 0;
      const count = () => void sent++;
      subscribe('ta.statement', count);
      const words = ['refresh', '--all', '--as-of', AS_OF, '--log-dir', world.logDir];
      const end = await runInside(words, { root: world.root, env: world.env });
      unsubscribe('ta.statement', count);
      return { ...end, sent };
    };

    it('cost a run no statement of their own, no row of the history and one line, in the log as well', async () => {
      await add(1_000_001, 1_000_002);
      expect((await refresh()).code).toBe(0);
      const linesBefore = await logLines();
      const few = await refresh();
      const linesOfFew = (await logLines()) - linesBefore;
      await add(1_000_003, 1_003_000);
      const many = await refresh();
      expect([many.code, many.sent]).toEqual([0, few.sent]);
      expect(many.stderr).toContain(
        '[WARNING] ids 1000001, 1000002, 1000003, 1000004, 1000005 and 2995 more have no rows in cmc_price_histories7',
      );
      expect(many.stdout).toContain('no_source 3000');
      expect((await logLines()) - linesBefore - linesOfFew).toBe(linesOfFew);
      expect(await world.sql('SELECT FROM ops_run_items WHERE id > 1000000')).toEqual([]);
    });

    it('lose what is left of them from before', async () => {
      const [id] = world.ids as [number];
      await world.sql(`DELETE FROM cmc_price_histories7 WHERE id = ${id}`);
      await world.sql(`DELETE FROM cmc_price_histories7_changes WHERE id = ${id}`);
      for (const table of ['cmc_price_bars_1d_state', 'cmc_ema_refresh_state', 'cmc_ema_state']) {
        await world.sql(`DELETE FROM ${table} WHERE id = ${id}`);
      }
      await refresh();
      const left = `SELECT (SELECT count(*) FROM cmc_price_bars_1d WHERE id = ${id})
        + (SELECT count(*) FROM cmc_price_bars_multi_tf_u WHERE id = ${id}) AS n`;
      expect(await world.sql(left)).toEqual([{ n: 0 }]);
    });
  });
});
